package com.sdragent.imports.query.proof;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/**
 * A checkpoint as {@code infra/docs/hash-chain.md} describes it. {@code imports-tool}, which makes
 * and verifies them, shares no code with the service, so this is read from that page alone.
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record SignedCheckpoint(
    @JsonProperty("format") String format,
    @JsonProperty("store") @Nullable String store,
    @JsonProperty("position") long position,
    @JsonProperty("hash") String hash,
    @JsonProperty("time") Instant time,
    @JsonProperty("key") @Nullable String key,
    @JsonProperty("previous") @Nullable String previous,
    @JsonProperty("signature") String signature) {

  private static final String FIRST_FORMAT = "imports-checkpoint/1";
  private static final String FORMAT = "imports-checkpoint/2";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  /** The checkpoints that a file holds, one or several behind each other; nothing if it is none. */
  static Optional<List<SignedCheckpoint>> read(String file) {
    try (MappingIterator<SignedCheckpoint> values =
        JSON.readerFor(SignedCheckpoint.class).readValues(file)) {
      List<SignedCheckpoint> read = values.readAll();
      return !read.isEmpty() && read.stream().allMatch(SignedCheckpoint::isWhole)
          ? Optional.of(read)
          : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** What the signature does not cover may not be there. */
  @SuppressWarnings("ConstantValue") // What was read may lack anything.
  private static boolean isWhole(@Nullable SignedCheckpoint read) {
    if (read == null || read.hash == null || read.time == null || read.signature == null) {
      return false;
    }
    boolean isOfFormat =
        FORMAT.equals(read.format)
            ? read.key != null
            : FIRST_FORMAT.equals(read.format)
                && read.store == null
                && read.key == null
                && read.previous == null;
    return isOfFormat && read.hash.matches("[0-9a-f]{64}") && read.position >= 0;
  }

  /** Whether checkpoints of its format name the one before them. */
  boolean isLinked() {
    return format.equals(FORMAT);
  }

  /** Whether it names this checkpoint as the one before it. */
  boolean follows(SignedCheckpoint before) {
    return before.digest().equals(previous);
  }

  /** Whether the owner of this key signed exactly this. */
  boolean isSignedBy(PublicKey publicKey) {
    if (key != null && !key.equals(nameOf(publicKey))) return false;
    try {
      Signature verifier = Signature.getInstance("Ed25519");
      verifier.initVerify(publicKey);
      verifier.update(signed());
      return verifier.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  /** The SHA-256 of a key's X.509 form, by which checkpoints name it. */
  static String nameOf(PublicKey key) {
    return HexFormat.of().formatHex(sha256().digest(key.getEncoded()));
  }

  private String digest() {
    MessageDigest digest = sha256();
    digest.update(signed());
    return HexFormat.of().formatHex(digest.digest((signature + "\n").getBytes(UTF_8)));
  }

  private byte[] signed() {
    List<String> lines =
        isLinked()
            ? List.of(
                format,
                orNone(store),
                Long.toString(position),
                hash,
                time.toString(),
                orNone(key),
                orNone(previous))
            : List.of(format, Long.toString(position), hash, time.toString());
    return (String.join("\n", lines) + "\n").getBytes(UTF_8);
  }

  private static String orNone(@Nullable String text) {
    return Objects.requireNonNullElse(text, "-");
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
