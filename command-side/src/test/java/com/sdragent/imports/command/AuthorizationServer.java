package com.sdragent.imports.command;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.interfaces.RSAPublicKey;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.security.autoconfigure.SecurityAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterAutoConfiguration;
import org.springframework.boot.security.autoconfigure.web.servlet.ServletWebSecurityAutoConfiguration;
import org.springframework.boot.tomcat.autoconfigure.servlet.TomcatServletWebServerAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.DispatcherServletAutoConfiguration;
import org.springframework.boot.webmvc.autoconfigure.WebMvcAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.server.authorization.client.InMemoryRegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.security.oauth2.server.authorization.settings.AuthorizationServerSettings;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;
import org.springframework.security.oauth2.server.authorization.token.OAuth2TokenCustomizer;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.session.DisableEncodeUrlFilter;
import tools.jackson.databind.json.JsonMapper;

/** A real issuer of tokens: Spring's authorization server, with one client. */
final class AuthorizationServer implements AutoCloseable {
  private static volatile RSAKey key = newKey();
  private static volatile Consumer<JwtEncodingContext> changes = _ -> {};
  private static final AtomicInteger keysAskedFor = new AtomicInteger();

  private final ConfigurableApplicationContext context =
      new SpringApplicationBuilder(Settings.class)
          .properties("server.port=0", "logging.level.root=warn", "spring.config.name=none")
          .run();

  /** The name that its tokens give. */
  String url() {
    return "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
  }

  /** Signs with a new key from now on, and forgets the one before. */
  void rotate() {
    key = newKey();
  }

  RSAPublicKey publicKey() throws JOSEException {
    return key.toRSAPublicKey();
  }

  String keyId() {
    return key.getKeyID();
  }

  /** How often anybody asked for its keys. */
  int keysAskedFor() {
    return keysAskedFor.get();
  }

  /** An access token for the client, with what the caller changes in it. */
  String token(Consumer<JwtEncodingContext> with) throws Exception {
    changes = with;
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + "/oauth2/token"))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(
                BodyPublishers.ofString(
                    "grant_type=client_credentials&client_id=client&client_secret=secret"))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      String answer = client.send(request, BodyHandlers.ofString()).body();
      return JsonMapper.shared().readTree(answer).get("access_token").asString();
    }
  }

  @Override
  public void close() {
    context.close();
  }

  private static RSAKey newKey() {
    try {
      return new RSAKeyGenerator(2048)
          .keyID(UUID.randomUUID().toString())
          .keyUse(KeyUse.SIGNATURE)
          .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** It is no component, so that the nodes under test do not find it. */
  @ImportAutoConfiguration({
    TomcatServletWebServerAutoConfiguration.class,
    DispatcherServletAutoConfiguration.class,
    WebMvcAutoConfiguration.class,
    SecurityAutoConfiguration.class,
    ServletWebSecurityAutoConfiguration.class,
    SecurityFilterAutoConfiguration.class
  })
  static class Settings {
    @Bean
    SecurityFilterChain chain(HttpSecurity http) {
      return http.oauth2AuthorizationServer(Customizer.withDefaults())
          .addFilterBefore(Settings::count, DisableEncodeUrlFilter.class)
          .authorizeHttpRequests(routes -> routes.anyRequest().authenticated())
          .build();
    }

    @Bean
    RegisteredClientRepository clients() {
      return new InMemoryRegisteredClientRepository(
          RegisteredClient.withId("client")
              .clientId("client")
              .clientSecret("{noop}secret")
              .clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
              .authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
              .build());
    }

    @Bean
    AuthorizationServerSettings settings() {
      return AuthorizationServerSettings.builder().build();
    }

    @Bean
    JWKSource<SecurityContext> keys() {
      return (JWKSelector selector, SecurityContext _) -> selector.select(new JWKSet(key));
    }

    @Bean
    OAuth2TokenCustomizer<JwtEncodingContext> customizer() {
      return token -> changes.accept(token);
    }

    private static void count(ServletRequest request, ServletResponse response, FilterChain chain)
        throws IOException, ServletException {
      if (((HttpServletRequest) request).getRequestURI().endsWith("/oauth2/jwks")) {
        keysAskedFor.incrementAndGet();
      }
      chain.doFilter(request, response);
    }
  }
}
