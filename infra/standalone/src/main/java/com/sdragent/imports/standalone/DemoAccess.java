package com.sdragent.imports.standalone;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.security.oauth2.jose.jws.MacAlgorithm;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.NimbusJwtDecoder;

/**
 * The credentials of the published document, so that its examples can be pasted. Everybody knows
 * the API key; the token is signed with a key that this process makes up at each start.
 */
final class DemoAccess {
  static final String API_KEY = "sk_live_1234567890abcdef";
  static final String ORGANIZATION = "123e4567-e89b-12d3-a456-426614174000";
  private static final Duration TOKEN_LIFE = Duration.ofDays(1);

  private final SecretKey key;

  DemoAccess() {
    var secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    key = new SecretKeySpec(secret, "HmacSHA256");
  }

  /** The settings that let the demo key in. */
  static Map<String, Object> properties() {
    return Map.of(
        "imports.access.api-keys[0].key",
        API_KEY,
        "imports.access.api-keys[0].organization",
        ORGANIZATION,
        "imports.access.api-keys[0].name",
        "demo",
        "imports.access.api-keys[0].scopes",
        "imports:read,imports:write,imports:audit,admin,operator");
  }

  JwtDecoder decoder() {
    return NimbusJwtDecoder.withSecretKey(key).macAlgorithm(MacAlgorithm.HS256).build();
  }

  /** A bearer token for the demo organization, good for a day. */
  String token() {
    var claims =
        new JWTClaimsSet.Builder()
            .subject("demo")
            .claim("org_id", ORGANIZATION)
            .claim("scope", "imports:read imports:write imports:audit")
            .expirationTime(Date.from(Instant.now().plus(TOKEN_LIFE)))
            .build();
    var token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
    try {
      token.sign(new MACSigner(key));
    } catch (JOSEException e) {
      throw new IllegalStateException("The demo token cannot be signed", e);
    }
    return token.serialize();
  }
}
