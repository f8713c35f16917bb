package com.sdragent.imports.access;

import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.ErrorBodies;
import com.sdragent.imports.web.Failures;
import com.sdragent.imports.web.WebConfiguration;
import java.util.Map;
import java.util.stream.Collectors;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpMethod;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorityAuthorizationDecision;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.firewall.StrictHttpFirewall;

/**
 * Authentication and scopes by route, for any of the service's applications. Health, metrics and
 * the API documents are public: metrics hold no personal data, and an operator who wants them
 * private moves them with {@code management.server.port}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AccessProperties.class)
@Import(WebConfiguration.class)
// Nobody logs in with a password, so Spring need not make one up and print it.
@EnableAutoConfiguration(exclude = UserDetailsServiceAutoConfiguration.class)
public class AccessConfiguration {
  private static final String[] PUBLIC = {
    "/actuator/health/**",
    "/actuator/info",
    "/actuator/prometheus",
    "/v3/api-docs/**",
    "/v3/api-docs.yaml",
    "/swagger-ui/**",
    "/swagger-ui.html",
    "/asyncapi.yaml",
    "/error"
  };

  @Bean
  SecurityFilterChain securityFilterChain(
      HttpSecurity http,
      AccessProperties properties,
      JdbcTemplate jdbc,
      ObjectProvider<JwtDecoder> decoder,
      ObjectProvider<OAuth2ResourceServerProperties> resourceServer,
      Failures failures) {
    resourceServer.ifAvailable(AccessConfiguration::requireAudience);
    var callers =
        new CallerFilter(
            new ApiKeys(properties, jdbc),
            new Tokens(decoder.getIfAvailable(), properties.jwt().organizationClaim()),
            properties.cacheKeysFor(),
            failures);
    return http.csrf(AbstractHttpConfigurer::disable)
        .formLogin(AbstractHttpConfigurer::disable)
        .httpBasic(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .sessionManagement(
            sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
        .addFilterBefore(callers, AuthorizationFilter.class)
        .authorizeHttpRequests(
            routes ->
                routes
                    .requestMatchers(PUBLIC)
                    .permitAll()
                    .requestMatchers("/admin", "/admin/**")
                    .hasAuthority(Scope.OPERATOR.label())
                    .requestMatchers(
                        HttpMethod.GET,
                        "/imports/*/events",
                        "/imports/*/events/",
                        "/events",
                        "/events/")
                    .hasAuthority(Scope.IMPORTS_AUDIT.label())
                    .requestMatchers(
                        HttpMethod.HEAD,
                        "/imports/*/events",
                        "/imports/*/events/",
                        "/events",
                        "/events/")
                    .hasAuthority(Scope.IMPORTS_AUDIT.label())
                    .requestMatchers(Past::isAskedFor)
                    .hasAuthority(Scope.IMPORTS_AUDIT.label())
                    .requestMatchers(HttpMethod.GET, "/imports", "/imports/**")
                    .hasAuthority(Scope.IMPORTS_READ.label())
                    .requestMatchers(HttpMethod.HEAD, "/imports", "/imports/**")
                    .hasAuthority(Scope.IMPORTS_READ.label())
                    .requestMatchers(HttpMethod.POST, "/imports", "/imports/**")
                    .hasAuthority(Scope.IMPORTS_WRITE.label())
                    .requestMatchers(HttpMethod.PUT, "/imports", "/imports/**")
                    .hasAuthority(Scope.IMPORTS_WRITE.label())
                    .requestMatchers(HttpMethod.DELETE, "/imports", "/imports/**")
                    .hasAuthority(Scope.IMPORTS_WRITE.label())
                    .anyRequest()
                    .authenticated())
        .exceptionHandling(
            errors ->
                errors
                    .authenticationEntryPoint(
                        (request, response, _) ->
                            ErrorBodies.write(request, response, ApiError.unauthenticated()))
                    .accessDeniedHandler(
                        (request, response, denied) ->
                            ErrorBodies.write(request, response, ApiError.forbidden(need(denied)))))
        .build();
  }

  /**
   * Turns off the timing of each filter, which costs more than the filters: without it, a GET takes
   * 0.88 of the time. The request itself is still timed.
   */
  @Bean
  SecurityObservationSettings securityObservationSettings() {
    return SecurityObservationSettings.noObservations();
  }

  private static String need(AccessDeniedException denied) {
    if (denied instanceof AuthorizationDeniedException authorization
        && authorization.getAuthorizationResult()
            instanceof AuthorityAuthorizationDecision decision) {
      return "This needs the scope "
          + decision.getAuthorities().stream()
              .map(GrantedAuthority::getAuthority)
              .collect(Collectors.joining(" or "));
    }
    return "The credentials do not allow this";
  }

  /**
   * Requires an audience: a token for another service, signed by the same issuer, must not open
   * this one.
   */
  private static void requireAudience(OAuth2ResourceServerProperties properties) {
    OAuth2ResourceServerProperties.Jwt jwt = properties.getJwt();
    boolean configured =
        jwt.getIssuerUri() != null
            || jwt.getJwkSetUri() != null
            || jwt.getPublicKeyLocation() != null;
    if (configured && jwt.getAudiences().isEmpty()) {
      throw new IllegalStateException(
          "spring.security.oauth2.resourceserver.jwt.audiences is empty, so a token for any other"
              + " service would be accepted: set it to the audience of this service's tokens");
    }
  }

  /** Lets every method pass: methods are refused where the served ones are known. */
  @Bean
  HttpFirewall httpFirewall() {
    var firewall = new StrictHttpFirewall();
    firewall.setUnsafeAllowAnyHttpMethod(true);
    return firewall;
  }

  @Bean
  RequestRejectedHandler requestRejectedHandler() {
    return (request, response, _) ->
        ErrorBodies.write(request, response, ErrorBodies.of(400, Map.of()));
  }
}
