package com.sdragent.imports.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sdragent.imports.testservers.contract.ApiContract;
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
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.security.oauth2.server.authorization.token.JwtEncodingContext;

/** Bearer tokens of an issuer of one's own, by the settings of Spring's resource server. */
@ExtendWith(OutputCaptureExtension.class)
class TokensIT {
  private static final String ORGANIZATION = "323e4567-e89b-12d3-a456-426614174000";
  private static final String LIMITED = "423e4567-e89b-12d3-a456-426614174000";
  private static final String JWT = "--spring.security.oauth2.resourceserver.jwt.";

  @TempDir private static Path directory;
  private static KeyPair keys;
  private static AuthorizationServer issuer;
  private static CommandService service;

  @BeforeAll
  static void start() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    keys = generator.generateKeyPair();
    Files.writeString(
        publicKey(),
        "-----BEGIN PUBLIC KEY-----\n"
            + Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded())
            + "\n-----END PUBLIC KEY-----\n");
    issuer = new AuthorizationServer();
    service =
        new CommandService(
            JWT + "issuer-uri=" + issuer.url(),
            JWT + "audiences=imports",
            "--imports.access.jwt.fetch-interval=1s",
            "--imports.access.jwt.organization-claim=tenant",
            "--imports.access.limits.organizations[0].organization=" + LIMITED,
            "--imports.access.limits.organizations[0].per-key.requests=1",
            "--imports.access.limits.organizations[0].per-key.window=1h");
  }

  @AfterAll
  static void stop() {
    service.close();
    issuer.close();
  }

  @Test
  void an_issuer_without_an_audience_keeps_the_service_from_starting() {
    assertThatThrownBy(() -> new CommandService(JWT + "public-key-location=" + publicKey().toUri()))
        .rootCause()
        .hasMessageContaining("spring.security.oauth2.resourceserver.jwt.audiences is empty")
        .hasMessageContaining("set it to the audience of this service's tokens");
  }

  @Test
  void a_token_is_let_in_by_what_its_issuer_says() throws Exception {
    assertThat(post(issued(_ -> {}))).isEqualTo(201);
    assertThat(post(issued(token -> token.getJwsHeader().type("at+jwt")))).isEqualTo(201);
    assertThat(post(issued(token -> token.getClaims().claim("scope", "imports:read"))))
        .isEqualTo(403);
    assertThat(post(issued(token -> token.getClaims().claim("scope", "operator")))).isEqualTo(403);
    // Whoever is no trusted proxy cannot say what the service is called.
    assertThat(
            answer(service, issued(_ -> {}), "X-Forwarded-Prefix", "/elsewhere")
                .headers()
                .firstValue("Location")
                .orElse(""))
        .startsWith("/imports/");
  }

  @Test
  void the_requests_of_a_subject_are_counted_together_whatever_token_it_sends() throws Exception {
    assertThat(post(issued(token -> token.getClaims().claim("tenant", LIMITED)))).isEqualTo(201);
    assertThat(post(issued(token -> token.getClaims().claim("tenant", LIMITED)))).isEqualTo(429);
    assertThat(post(issued(token -> token.getClaims().claim("tenant", LIMITED).subject("another"))))
        .isEqualTo(201);
  }

  @ParameterizedTest
  @MethodSource("faults")
  void a_token_with_a_fault_is_refused(Consumer<JwtEncodingContext> fault) throws Exception {
    assertThat(post(issued(fault))).isEqualTo(401);
  }

  /** What can be wrong with a token that its issuer has signed. */
  private static Stream<Named<Consumer<JwtEncodingContext>>> faults() {
    return Stream.of(
        fault(
            "for another service", token -> token.getClaims().audience(List.of("another service"))),
        fault("of another issuer", token -> token.getClaims().issuer("https://elsewhere.example")),
        fault("of another type", token -> token.getJwsHeader().type("logout+jwt")),
        fault("without end", token -> token.getClaims().claims(claims -> claims.remove("exp"))),
        fault(
            "expired",
            token ->
                token
                    .getClaims()
                    .issuedAt(Instant.now().minusSeconds(600))
                    .expiresAt(Instant.now().minusSeconds(90))),
        fault("not yet valid", token -> token.getClaims().notBefore(Instant.now().plusSeconds(90))),
        fault(
            "with too long a life",
            token -> token.getClaims().expiresAt(Instant.now().plusSeconds(90_000))),
        fault(
            "with a life from the future",
            token ->
                token
                    .getClaims()
                    .issuedAt(Instant.now().plusSeconds(86_400))
                    .expiresAt(Instant.now().plusSeconds(90_000))),
        fault(
            "without organization",
            token -> token.getClaims().claims(claims -> claims.remove("tenant"))),
        fault(
            "with no uuid as organization",
            token -> token.getClaims().claim("tenant", "1-1-1-1-1")),
        fault(
            "with a subject that cannot be printed",
            token -> token.getClaims().subject("a\u0000b")));
  }

  private static Named<Consumer<JwtEncodingContext>> fault(
      String name, Consumer<JwtEncodingContext> made) {
    return Named.of(name, made);
  }

  @Test
  void a_public_key_is_no_shared_secret_and_no_signature_is_none() throws Exception {
    RSAPublicKey known = issuer.publicKey();
    var confused =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(issuer.keyId()).build(),
            claims().issuer(issuer.url()).build());
    confused.sign(new MACSigner(known.getEncoded()));
    assertThat(post(confused.serialize())).isEqualTo(401);
    assertThat(post(new PlainJWT(claims().issuer(issuer.url()).build()).serialize()))
        .isEqualTo(401);
    assertThat(post(signed(claims().issuer(issuer.url()).build()))).isEqualTo(401);
  }

  @Test
  void a_new_key_of_the_issuer_opens_without_a_restart() throws Exception {
    String before = issued(_ -> {});
    issuer.rotate();
    String after = issued(_ -> {});
    await().until(() -> post(after) == 201);
    assertThat(post(before)).isEqualTo(401);
  }

  @Test
  void tokens_that_name_unknown_keys_do_not_ask_the_issuer_each() throws Exception {
    long begin = System.nanoTime();
    int asked = issuer.keysAskedFor();
    for (int i = 0; i < 300; i++) {
      var token =
          new SignedJWT(
              new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("unknown " + i).build(),
              claims().issuer(issuer.url()).build());
      token.sign(new RSASSASigner(keys.getPrivate()));
      assertThat(post(token.serialize())).isEqualTo(401);
    }
    long seconds = Duration.ofNanos(System.nanoTime() - begin).toSeconds();
    assertThat(issuer.keysAskedFor() - asked).isBetween(1, (int) seconds + 2);
    assertThat(post(issued(_ -> {}))).isEqualTo(201);
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
      String token = signed(claims);
      HttpResponse<String> away = answer(service, token);
      assertThat(away.statusCode()).isEqualTo(503);
      assertThat(away.headers().firstValue("Retry-After")).contains("1");
      assertThat(away.body()).contains("The credentials cannot be checked now, try again");

      HttpServer back = startIssuer(port, issuer);
      try {
        await().until(() -> answer(service, token).statusCode() == 201);
        assertThat(log.getAll().lines().filter(line -> line.contains("The issuer of tokens")))
            .satisfiesExactly(
                began -> assertThat(began).contains("does not answer: requests that need it"),
                ended -> assertThat(ended).contains("Over after ", " got 503"));
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

  /** A token that the authorization server makes for a client, with what a test changes. */
  private static String issued(Consumer<JwtEncodingContext> changes) throws Exception {
    return issuer.token(
        token -> {
          token
              .getClaims()
              .audience(List.of("imports"))
              .claim("tenant", ORGANIZATION)
              .claim("scope", "imports:write");
          changes.accept(token);
        });
  }

  private static int post(String token) throws Exception {
    return answer(service, token).statusCode();
  }

  private static HttpResponse<String> answer(
      CommandService service, String token, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(service.url() + "/imports/"))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString("{\"source\":\"s\"}"));
    if (headers.length > 0) request.headers(headers);
    HttpRequest built = request.build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer = client.send(built, BodyHandlers.ofString());
      ApiContract.assertKept(built, answer);
      return answer;
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
