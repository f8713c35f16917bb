package com.sdragent.imports.access;

import com.sdragent.imports.web.StrictUuid;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.jwt.BadJwtException;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.security.oauth2.jwt.JwtDecoder;
import org.springframework.security.oauth2.jwt.JwtTimestampValidator;

/** Finds the caller of a bearer token: a JWT that Spring's resource server accepts. */
final class Tokens {
  /**
   * The check that lets a token in also lets it stay: Spring's own, with its allowance for clocks.
   */
  private static final JwtTimestampValidator TIMES = new JwtTimestampValidator();

  private final @Nullable JwtDecoder decoder;
  private final String organizationClaim;

  /** Makes a finder of callers. Without a decoder, every token is invalid. */
  Tokens(@Nullable JwtDecoder decoder, String organizationClaim) {
    this.decoder = decoder;
    this.organizationClaim = organizationClaim;
  }

  /**
   * The caller that the token speaks for.
   *
   * @throws org.springframework.security.oauth2.jwt.JwtException when the token could not be
   *     checked, because the issuer's keys are unavailable
   * @throws org.springframework.security.oauth2.jwt.JwtDecoderInitializationException when the
   *     issuer has not been reached yet; the next token asks it again
   */
  Optional<Visitor> find(String token) {
    if (decoder == null) return Optional.empty();
    try {
      return visitor(decoder.decode(token));
    } catch (BadJwtException e) {
      return Optional.empty();
    }
  }

  private static Credential untilItExpires(Jwt jwt) {
    return () -> !TIMES.validate(jwt).hasErrors();
  }

  private Optional<Visitor> visitor(Jwt jwt) {
    String subject = jwt.getSubject();
    Object organization = jwt.getClaims().get(organizationClaim);
    if (subject == null || !Actors.isPrintable(subject) || !(organization instanceof String id)) {
      return Optional.empty();
    }
    Set<Scope> scopes = ApiKeys.scopes(Stream.concat(labels(jwt, "scope"), labels(jwt, "scp")));
    scopes.remove(Scope.OPERATOR);
    return StrictUuid.parse(id)
        .map(
            org ->
                new Visitor(
                    new Caller(org, subject, ActorKind.TOKEN, null, scopes), untilItExpires(jwt)));
  }

  /** The labels of a claim: RFC 8693 writes scopes as one string, others as a list. */
  private static Stream<String> labels(Jwt jwt, String claim) {
    return switch (jwt.getClaims().get(claim)) {
      case String text -> Stream.of(text.split(" "));
      case Collection<?> list -> list.stream().map(String::valueOf);
      case null, default -> Stream.empty();
    };
  }
}
