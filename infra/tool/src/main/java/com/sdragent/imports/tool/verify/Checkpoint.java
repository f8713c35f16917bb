package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The store's content at a time, signed with Ed25519 (RFC 8032). Its keeper can tell later whether
 * the store still has this past. Hashes are lower-case hexadecimal digits.
 *
 * @param store the hash at position 1, by which a store is known; null when it is empty, and in the
 *     first format
 * @param position the position of the last event
 * @param hash the hash there
 * @param time when it was taken
 * @param key the SHA-256 of the public key; null in the first format
 * @param previous the {@link #digest()} of the checkpoint before; null when there is none, and in
 *     the first format
 * @param signature over {@link #signed()}, in Base64
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonPropertyOrder({"format", "store", "position", "hash", "time", "key", "previous", "signature"})
record Checkpoint(
    @JsonProperty("format") String format,
    @JsonProperty("store") @Nullable String store,
    @JsonProperty("position") long position,
    @JsonProperty("hash") String hash,
    @JsonProperty("time") Instant time,
    @JsonProperty("key") @Nullable String key,
    @JsonProperty("previous") @Nullable String previous,
    @JsonProperty("signature") String signature) {

  static final String FIRST_FORMAT = "imports-checkpoint/1";
  static final String FORMAT = "imports-checkpoint/2";
  private static final String NONE = "-";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();
  private static final JsonMapper FOR_PEOPLE =
      JSON.rebuild().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** Signs what a store holds. */
  static Checkpoint sign(
      @Nullable String store,
      long position,
      String hash,
      Instant time,
      @Nullable Checkpoint previous,
      SigningKey key)
      throws GeneralSecurityException {
    String before = previous == null ? null : previous.digest();
    var unsigned = new Checkpoint(FORMAT, store, position, hash, time, key.name(), before, "");
    return new Checkpoint(
        FORMAT, store, position, hash, time, key.name(), before, key.sign(unsigned.signed()));
  }

  /** Whether the owner of this key signed exactly this. */
  boolean isSignedBy(PublicKey publicKey) {
    if (key != null && !key.equals(SigningKey.nameOf(publicKey))) return false;
    try {
      Signature verifier = Signature.getInstance(SigningKey.ALGORITHM);
      verifier.initVerify(publicKey);
      verifier.update(signed());
      return verifier.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  /** Whether it names this checkpoint as the one before it. */
  boolean follows(Checkpoint before) {
    return before.digest().equals(previous);
  }

  /** The bytes that are signed: lines, each ended by a line feed. */
  byte[] signed() {
    List<String> lines =
        format.equals(FIRST_FORMAT)
            ? List.of(format, Long.toString(position), hash, time.toString())
            : List.of(
                format,
                orNone(store),
                Long.toString(position),
                hash,
                time.toString(),
                orNone(key),
                orNone(previous));
    return (String.join("\n", lines) + "\n").getBytes(UTF_8);
  }

  /** By which the next one names this one: the SHA-256 of what is signed and of its signature. */
  String digest() {
    MessageDigest sha256 = HashChain.sha256();
    sha256.update(signed());
    return HexFormat.of().formatHex(sha256.digest((signature + "\n").getBytes(UTF_8)));
  }

  private static String orNone(@Nullable String text) {
    return text == null ? NONE : text;
  }

  /** As a file for people. */
  String json() {
    return FOR_PEOPLE.writeValueAsString(this) + "\n";
  }

  /** As one of several in a file or a topic. */
  String line() {
    return JSON.writeValueAsString(this) + "\n";
  }

  /**
   * Reads one checkpoint, or several behind each other.
   *
   * @throws IllegalArgumentException when there is none, or something else
   */
  static List<Checkpoint> read(byte[] json) {
    try (MappingIterator<Checkpoint> values = JSON.readerFor(Checkpoint.class).readValues(json)) {
      List<Checkpoint> read = values.readAll();
      if (!read.isEmpty() && read.stream().allMatch(Checkpoint::isWhole)) return read;
    } catch (JacksonException e) {
      throw new IllegalArgumentException("no checkpoint: " + e.getOriginalMessage(), e);
    }
    throw new IllegalArgumentException(
        "no checkpoint of the format " + FORMAT + " or " + FIRST_FORMAT);
  }

  @SuppressWarnings("ConstantValue") // What was read may lack anything.
  private static boolean isWhole(Checkpoint read) {
    return read != null
        && (FORMAT.equals(read.format) ? read.key != null : FIRST_FORMAT.equals(read.format))
        && read.hash != null
        && read.time != null
        && read.signature != null;
  }
}
