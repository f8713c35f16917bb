package com.sdragent.imports.access;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.springframework.security.authentication.AbstractAuthenticationToken;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;

/** A caller, as Spring Security carries it. */
final class CallerAuthentication extends AbstractAuthenticationToken {
  private static final long serialVersionUID = 1L;
  private static final Map<Scope, GrantedAuthority> AUTHORITIES = new EnumMap<>(Scope.class);

  static {
    for (Scope scope : Scope.values()) {
      AUTHORITIES.put(scope, new SimpleGrantedAuthority(scope.label()));
    }
  }

  private final transient Caller caller;

  CallerAuthentication(Caller caller) {
    super(authorities(caller));
    this.caller = caller;
    setAuthenticated(true);
  }

  @Override
  public Object getCredentials() {
    return "";
  }

  @Override
  public Caller getPrincipal() {
    return caller;
  }

  private static List<GrantedAuthority> authorities(Caller caller) {
    var authorities = new ArrayList<GrantedAuthority>(caller.scopes().size());
    for (Scope scope : caller.scopes()) authorities.add(AUTHORITIES.get(scope));
    return authorities;
  }
}
