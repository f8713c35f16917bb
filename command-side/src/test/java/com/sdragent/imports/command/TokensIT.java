package com.sdragent.imports.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Bearer tokens of an issuer of one's own, by the settings of Spring's resource server. */
@ExtendWith(OutputCaptureExtension.class)
class TokensIT {
  private static final String ORGANIZATION = "323e4567-e89b-12d3-a456-426614174000";
  private static final String JWT = "--spring.security.oauth2.resourceserver.jwt.";

  @TempDir private static Path directory;
  private static KeyPair keys;

  @BeforeAll
  static void makeTheIssuersKey() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    keys = generator.generateKeyPair();
    Files.writeString(
        publicKey(),
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n");
  }

  @Test
  void an_issuer_without_an_audience_keeps_the_service_from_starting() {
    assertThatThrownBy(() -> new CommandService(JWT + "public-key-location=" + publicKey().toUri()))
        .rootCause()
        .hasMessageContaining("spring.security.oauth2.resourceserver.jwt.audiences is empty")
        .hasMessageContaining("set it to the audience of this service's tokens");
  }

  @Test
  void a_token_is_let_in_by_its_audience_its_organization_and_its_scopes() throws Exception {
    try (var service =
        new CommandService(
            JWT + "public-key-location=" + publicKey().toUri(),
            JWT + "audiences=imports",
            "--imports.access.jwt.organization-claim=tenant")) {
      var good = claims();
      assertThat(post(service, good.build())).isEqualTo(201);
      assertThat(post(service, claims().audience("another service").build())).isEqualTo(401);
      assertThat(post(service, claims().claim("tenant", null).build())).isEqualTo(401);
      assertThat(post(service, claims().claim("tenant", "1-1-1-1-1").build())).isEqualTo(401);
      assertThat(post(service, claims().subject("a\u0000b").build())).isEqualTo(401);
      assertThat(
              post(
                  service,
                  claims().expirationTime(Date.from(Instant.now().minusSeconds(90))).build()))
          .isEqualTo(401);
      assertThat(post(service, claims().claim("scope", "imports:read").build())).isEqualTo(403);
      assertThat(post(service, claims().claim("scope", "operator").build())).isEqualTo(403);
      // Whoever is no trusted proxy cannot say what the service is called.
      HttpResponse<String> forwarded =
          answer(service, good.build(), "X-Forwarded-Prefix", "/elsewhere");
      assertThat(forwarded.headers().firstValue("Location").orElse("")).startsWith("/imports/");
    }
  }

  @Test
  void while_the_issuer_is_away_a_token_gets_503_and_is_let_in_when_it_is_back(CapturedOutput log)
      throws Exception {
    int port = freePort();
    String issuer = "http://localhost:" + port;
    JWTClaimsSet claims = claims().issuer(issuer).build();
    try (var service =
        new CommandService(
            JWT + "issuer-uri=" + issuer,
            JWT + "audiences=imports",
            "--imports.access.jwt.organization-claim=tenant")) {
      HttpResponse<String> away = answer(service, claims);
      assertThat(away.statusCode()).isEqualTo(503);
      assertThat(away.headers().firstValue("Retry-After")).contains("1");
      assertThat(away.body()).contains("The credentials cannot be checked now, try again");

      assertThat(post(service, claims)).isEqualTo(503);
      HttpServer back = startIssuer(port, issuer);
      try {
        assertThat(post(service, claims)).isEqualTo(201);
        assertThat(log.getAll().lines().filter(line -> line.contains("The issuer of tokens")))
            .satisfiesExactly(
                began -> assertThat(began).contains("does not answer: requests that need it"),
                ended -> assertThat(ended).contains("Over after ", "2 requests got 503"));
      } finally {
        back.stop(0);
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** What OpenID Connect Discovery asks an issuer for. */
  private static HttpServer startIssuer(int port, String issuer) throws IOException {
    String metadata =
        """
        {"issuer": "%1$s", "jwks_uri": "%1$s/keys", "subject_types_supported": ["public"]}
        """
            .formatted(issuer);
    String jwks =
        new JWKSet(
                new RSAKey.Builder((RSAPublicKey) keys.getPublic())
                    .keyUse(KeyUse.SIGNATURE)
                    .algorithm(JWSAlgorithm.RS256)
                    .build())
            .toString();
    HttpServer server = HttpServer.create(new InetSocketAddress("localhost", port), 0);
    server.createContext(
        "/",
        exchange -> {
          boolean forKeys = exchange.getRequestURI().getPath().equals("/keys");
          byte[] body = (forKeys ? jwks : metadata).getBytes(UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    return server;
  }

  private static JWTClaimsSet.Builder claims() {
    return new JWTClaimsSet.Builder()
        .subject("someone")
        .audience("imports")
        .claim("tenant", ORGANIZATION)
        .claim("scope", "imports:write")
        .expirationTime(Date.from(Instant.now().plusSeconds(600)));
  }

  private static int post(CommandService service, JWTClaimsSet claims) throws Exception {
    return answer(service, claims).statusCode();
  }

  private static HttpResponse<String> answer(
      CommandService service, JWTClaimsSet claims, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(service.url() + "/imports/"))
            .header("Authorization", "Bearer " + signed(claims))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"source\":\"s\"}"));
    if (headers.length > 0) request.headers(headers);
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request.build(), BodyHandlers.ofString());
    }
  }

  private static String signed(JWTClaimsSet claims) throws JOSEException {
    var token = new SignedJWT(new JWSHeader(JWSAlgorithm.RS256), claims);
    token.sign(new RSASSASigner(keys.getPrivate()));
    return token.serialize();
  }

  private static Path publicKey() {
    return directory.resolve("issuer.pem");
  }
}
