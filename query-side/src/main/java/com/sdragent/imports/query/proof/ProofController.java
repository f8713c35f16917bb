package com.sdragent.imports.query.proof;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sdragent.imports.web.ApiError;
import com.sdragent.imports.web.FieldErrors;
import com.sdragent.imports.web.LinkedPage;
import com.sdragent.imports.web.RequestParameters;
import jakarta.servlet.http.HttpServletRequest;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Shows operators what was verified, and what a checkpoint covers. */
@RestController
class ProofController {
  private static final int USUAL_PAGE = 100;
  private static final int MOST_KEYS = 10;
  private static final String BEGIN = "-----BEGIN PUBLIC KEY-----";
  private static final String END = "-----END PUBLIC KEY-----";

  private final Verifications verifications;
  private final CheckpointChecks checks;

  ProofController(Verifications verifications, CheckpointChecks checks) {
    this.verifications = verifications;
    this.checks = checks;
  }

  /** What was verified or signed, the latest first. */
  @GetMapping(
      path = {"/admin/verifications", "/admin/verifications/"},
      produces = MediaType.APPLICATION_JSON_VALUE)
  ResponseEntity<List<Verifications.Noted>> list(HttpServletRequest request) {
    var parameters = new RequestParameters(request);
    Integer asked = parameters.limit();
    Long cursor = parameters.numberedCursor();
    parameters.check();
    int limit = asked == null ? USUAL_PAGE : asked;
    return LinkedPage.answer(
        verifications.latestBefore(cursor == null ? Long.MAX_VALUE : cursor, limit + 1),
        limit,
        request,
        last -> "limit=%s&cursor=%s".formatted(limit, last.id()));
  }

  /** What the checkpoints of a file cover. */
  @PostMapping(
      path = {"/admin/checkpoints/check", "/admin/checkpoints/check/"},
      consumes = MediaType.APPLICATION_JSON_VALUE,
      produces = MediaType.APPLICATION_JSON_VALUE)
  CheckpointChecks.Outcome check(@RequestBody JsonNode body) {
    if (!body.isObject()) throw ApiError.badRequest("The body must be a JSON object");
    var errors = new FieldErrors();
    List<SignedCheckpoint> checkpoints = null;
    JsonNode file = body.path("checkpoints");
    if (!body.hasNonNull("checkpoints")) {
      errors.wrong("checkpoints", "field is required");
    } else {
      checkpoints = file.isString() ? SignedCheckpoint.read(file.stringValue()).orElse(null) : null;
      if (checkpoints == null) {
        errors.wrong(
            "checkpoints", "must be the text of a file that imports-tool checkpoint has written");
      }
    }
    List<PublicKey> keys = keys(body.path("public_keys"));
    if (keys == null) {
      errors.wrong(
          "public_keys",
          "must be a list of at most " + MOST_KEYS + " public keys of Ed25519 in PEM");
    }
    var others = new TreeSet<>(body.propertyNames());
    others.removeAll(List.of("checkpoints", "public_keys"));
    for (String other : others) errors.wrong(other, "is not known");
    errors.check();
    return checks.check(Objects.requireNonNull(checkpoints), Objects.requireNonNull(keys));
  }

  private static @Nullable List<PublicKey> keys(JsonNode given) {
    if (given.isMissingNode() || given.isNull()) return List.of();
    if (!given.isArray() || given.size() > MOST_KEYS) return null;
    var keys = new ArrayList<PublicKey>();
    for (JsonNode pem : given) {
      Optional<PublicKey> key = pem.isString() ? key(pem.stringValue()) : Optional.empty();
      if (key.isEmpty()) return null;
      keys.add(key.get());
    }
    return keys;
  }

  private static Optional<PublicKey> key(String pem) {
    String text = pem.strip();
    if (!text.startsWith(BEGIN)
        || !text.endsWith(END)
        || text.length() < BEGIN.length() + END.length()) {
      return Optional.empty();
    }
    try {
      byte[] encoded =
          Base64.getMimeDecoder()
              .decode(
                  text.substring(BEGIN.length(), text.length() - END.length()).getBytes(US_ASCII));
      return Optional.of(
          KeyFactory.getInstance("Ed25519").generatePublic(new X509EncodedKeySpec(encoded)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
