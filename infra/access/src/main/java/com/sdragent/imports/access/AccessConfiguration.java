package com.sdragent.imports.access;

import com.sdragent.imports.access.limits.LimitProperties;
import com.sdragent.imports.access.limits.RequestLimits;
import com.sdragent.imports.access.placement.Placement;
import com.sdragent.imports.access.placement.PlacementProperties;
import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.ErrorBodies;
import com.sdragent.imports.web.Failures;
import com.sdragent.imports.web.WebConfiguration;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.security.autoconfigure.UserDetailsServiceAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.OAuth2ResourceServerProperties;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.servlet.JwkSetUriJwtDecoderBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpMethod;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.authorization.AuthorityAuthorizationDecision;
import org.springframework.security.authorization.AuthorizationDeniedException;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTypeValidator;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.context.NullSecurityContextRepository;
import org.springframework.security.web.firewall.HttpFirewall;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.firewall.StrictHttpFirewall;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.OrRequestMatcher;

/**
 * Authentication and scopes by route, for any of the service's applications. Health, the API
 * documents and the console's files are public. What else operators look at needs their scope, or
 * nothing on a port of its own ({@code management.server.port}), which is for a private network.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({
  AccessProperties.class,
  LimitProperties.class,
  PlacementProperties.class
})
@Import(WebConfiguration.class)
// Nobody logs in with a password, so Spring need not make one up and print it.
@EnableAutoConfiguration(exclude = UserDetailsServiceAutoConfiguration.class)
public class AccessConfiguration {
  private static final Logger log = LoggerFactory.getLogger(AccessConfiguration.class);
  private static final String[] PUBLIC = {
    "/v3/api-docs/**",
    "/v3/api-docs.yaml",
    "/swagger-ui/**",
    "/swagger-ui.html",
    "/openapi.yaml",
    "/openapi.json",
    "/asyncapi.yaml",
    "/console",
    "/console/**",
    "/error"
  };

  @Bean
  SecurityFilterChain securityFilterChain(
      HttpSecurity http,
      AccessProperties properties,
      JdbcTemplate jdbc,
      ObjectProvider<JwtDecoder> decoder,
      ObjectProvider<OAuth2ResourceServerProperties> resourceServer,
      KeyUses uses,
      Refusals refusals,
      RequestLimits limits,
      Placement placement,
      Failures failures,
      MeterRegistry meters,
      Environment environment) {
    var managementPort = new ManagementPort(environment);
    String actuator = actuator(environment);
    PathPatternRequestMatcher.Builder paths = PathPatternRequestMatcher.withDefaults();
    var operators =
        new OrRequestMatcher(
            paths.matcher("/admin"),
            paths.matcher("/admin/**"),
            paths.matcher(actuator),
            paths.matcher(actuator + "/**"));
    resourceServer.ifAvailable(AccessConfiguration::requireAudience);
    var callers =
        new CallerFilter(
            new ApiKeys(properties, jdbc, refusals, meters),
            uses,
            new Tokens(decoder.getIfAvailable(), properties.jwt().organizationClaim()),
            failures,
            refusals,
            limits,
            new Places(placement, new OrRequestMatcher(managementPort, operators)));
    return http.csrf(AbstractHttpConfigurer::disable)
        .formLogin(AbstractHttpConfigurer::disable)
        .httpBasic(AbstractHttpConfigurer::disable)
        .logout(AbstractHttpConfigurer::disable)
        .requestCache(AbstractHttpConfigurer::disable)
        .sessionManagement(AbstractHttpConfigurer::disable)
        // A request without credentials has no caller, not one without a name.
        .anonymous(AbstractHttpConfigurer::disable)
        .securityContext(
            context -> context.securityContextRepository(new NullSecurityContextRepository()))
        .addFilterBefore(callers, AuthorizationFilter.class)
        .authorizeHttpRequests(
            routes ->
                routes
                    .requestMatchers(ImportScopes::apply)
                    .access(new ImportScopes())
                    .requestMatchers(PUBLIC)
                    .permitAll()
                    .requestMatchers(HttpMethod.GET, "/")
                    .permitAll()
                    .requestMatchers(HttpMethod.HEAD, "/")
                    .permitAll()
                    .requestMatchers(actuator + "/health/**")
                    .permitAll()
                    .requestMatchers(managementPort)
                    .permitAll()
                    .requestMatchers(operators)
                    .hasAuthority(Scope.OPERATOR.label())
                    .requestMatchers("/api-keys", "/api-keys/**", "/audit", "/audit/")
                    .hasAuthority(Scope.ADMIN.label())
                    .requestMatchers(HttpMethod.GET, "/events", "/events/")
                    .hasAuthority(Scope.IMPORTS_AUDIT.label())
                    .requestMatchers(HttpMethod.HEAD, "/events", "/events/")
                    .hasAuthority(Scope.IMPORTS_AUDIT.label())
                    .requestMatchers("/publication", "/publication/")
                    .hasAuthority(Scope.IMPORTS_AUDIT.label())
                    .requestMatchers(Past::isAskedFor)
                    .hasAuthority(Scope.IMPORTS_AUDIT.label())
                    .anyRequest()
                    .authenticated())
        .exceptionHandling(
            errors ->
                errors
                    .authenticationEntryPoint(
                        (request, response, _) -> {
                          if (isAnonymous(request)) refusals.because(Refusal.MISSING);
                          ErrorBodies.write(request, response, ApiError.unauthenticated());
                        })
                    .accessDeniedHandler(
                        (request, response, denied) ->
                            ErrorBodies.write(request, response, ApiError.forbidden(need(denied)))))
        .build();
  }

  /** Where health and metrics are. */
  private static String actuator(Environment environment) {
    String path = environment.getProperty("management.endpoints.web.base-path", "/actuator");
    if (path.startsWith("/") && path.length() > 1 && !path.endsWith("/")) return path;
    throw new IllegalArgumentException(
        "management.endpoints.web.base-path must be a path below / without a slash at its end: set"
            + " it to /actuator, for example");
  }

  @Bean
  Refusals refusals(MeterRegistry meters) {
    return new Refusals(meters);
  }

  @Bean
  RequestLimits requestLimits(
      LimitProperties properties, DataSource database, MeterRegistry meters) {
    return new RequestLimits(properties, database, meters);
  }

  @Bean
  Placement placement(PlacementProperties properties, JdbcTemplate jdbc) {
    return new Placement(properties, jdbc);
  }

  /**
   * Looks before anything is stored or published. A node with a name does not start while
   * PostgreSQL cannot tell: what publishes would not ask again. One without goes on, and each
   * request looks.
   */
  @Bean
  SmartInitializingSingleton startOnTheRightStore(Placement placement) {
    return () -> {
      try {
        placement.requireRightStore();
      } catch (DataAccessException e) {
        if (placement.isNamed()) {
          throw new IllegalStateException(
              "imports.placement.store is set, and PostgreSQL does not answer which store it is:"
                  + " start this node again once it does",
              e);
        }
        log.debug("PostgreSQL does not tell which store it is", e);
      }
    };
  }

  @Bean
  KeyUses keyUses(JdbcTemplate jdbc) {
    return new KeyUses(jdbc);
  }

  private static boolean isAnonymous(HttpServletRequest request) {
    return request.getHeader("X-API-Key") == null && request.getHeader("Authorization") == null;
  }

  /**
   * Turns off the timing of each filter, which costs more than the filters: without it, a GET takes
   * 0.88 of the time. The request itself is still timed.
   */
  @Bean
  SecurityObservationSettings securityObservationSettings() {
    return SecurityObservationSettings.noObservations();
  }

  /** Issuers write {@code JWT}, nothing, or what RFC 9068 asks of access tokens. */
  @Bean
  JwtTypeValidator tokenTypes() {
    var types = new JwtTypeValidator("JWT", "at+jwt", "application/at+jwt");
    types.setAllowEmpty(true);
    return types;
  }

  @Bean
  TokenLife tokenLife(AccessProperties properties) {
    return new TokenLife(properties.jwt().longestLife());
  }

  @Bean
  JwkSetUriJwtDecoderBuilderCustomizer issuerDocuments(
      AccessProperties properties, MeterRegistry meters) {
    return decoder ->
        decoder.restOperations(IssuerDocuments.requests(properties.jwt().fetchInterval(), meters));
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

  /**
   * Lets every method pass: methods are refused where the served ones are known. Spring's regular
   * expressions judge only what is not plain ASCII.
   */
  @Bean
  HttpFirewall httpFirewall() {
    var firewall = new StrictHttpFirewall();
    firewall.setUnsafeAllowAnyHttpMethod(true);
    firewall.setAllowedHeaderNames(plainOr(StrictHttpFirewall.ALLOWED_HEADER_NAMES));
    firewall.setAllowedHeaderValues(plainOr(StrictHttpFirewall.ALLOWED_HEADER_VALUES));
    firewall.setAllowedParameterNames(plainOr(StrictHttpFirewall.ALLOWED_PARAMETER_NAMES));
    return firewall;
  }

  private static Predicate<String> plainOr(Predicate<String> rule) {
    return text -> isPlain(text) || rule.test(text);
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) > '~') return false;
    }
    return true;
  }

  @Bean
  RejectedRequests rejectedRequests() {
    return new RejectedRequests();
  }

  @Bean
  RequestRejectedHandler requestRejectedHandler() {
    return (request, response, _) ->
        ErrorBodies.write(request, response, ErrorBodies.of(400, Map.of()));
  }
}
