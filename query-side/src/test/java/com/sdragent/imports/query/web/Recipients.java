package com.sdragent.imports.query.web;

import com.sdragent.imports.access.ActorKind;
import com.sdragent.imports.access.Caller;
import com.sdragent.imports.web.ClientConnection;
import java.util.Set;
import java.util.UUID;
import org.springframework.mock.web.MockHttpServletRequest;

/** Clients that answers are for, without a connection. */
public final class Recipients {
  private Recipients() {}

  /** One of this organization that stays. */
  public static Recipient of(UUID organization) {
    return Recipient.of(new MockHttpServletRequest(), caller(organization));
  }

  /** One that goes when the connection says so. */
  static Recipient of(UUID organization, ClientConnection connection) {
    var request = new MockHttpServletRequest();
    request.setAttribute(ClientConnection.class.getName(), connection);
    return Recipient.of(request, caller(organization));
  }

  static Caller caller(UUID organization) {
    return new Caller(organization, "a test", ActorKind.KEY, null, Set.of());
  }
}
