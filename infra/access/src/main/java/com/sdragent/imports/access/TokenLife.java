package com.sdragent.imports.access;

import java.time.Duration;
import java.time.Instant;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.OAuth2TokenValidator;
import org.springframework.security.oauth2.core.OAuth2TokenValidatorResult;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * Refuses tokens that would open the service for ever: they have to end (RFC 9068 requires {@code
 * exp}), and soon enough. A life is counted from {@code iat}, or from now when a token does not say
 * when it was made.
 */
final class TokenLife implements OAuth2TokenValidator<Jwt> {
  /** What Spring allows for clocks that differ. */
  private static final Duration CLOCKS = Duration.ofSeconds(60);

  private final Duration longest;

  TokenLife(Duration longest) {
    this.longest = longest;
  }

  @Override
  public OAuth2TokenValidatorResult validate(Jwt token) {
    Instant end = token.getExpiresAt();
    if (end == null) return refused("The token never expires");
    Instant begin = token.getIssuedAt();
    // A token from the future must not stretch its life by that.
    Instant now = Instant.now();
    if (begin == null || begin.isAfter(now)) begin = now;
    return end.isAfter(begin.plus(longest).plus(CLOCKS))
        ? refused("The token lives for longer than " + longest)
        : OAuth2TokenValidatorResult.success();
  }

  private static OAuth2TokenValidatorResult refused(String reason) {
    return OAuth2TokenValidatorResult.failure(new OAuth2Error("invalid_token", reason, null));
  }
}
