package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The store's content at a time, signed with Ed25519 (RFC 8032). Its keeper can tell later whether
 * the store still has this past.
 *
 * @param position the position of the last event
 * @param hash the hash there, in lower-case hexadecimal digits
 * @param time when it was taken
 * @param signature over {@link #signed()}, in Base64
 */
@JsonPropertyOrder({"format", "position", "hash", "time", "signature"})
record Checkpoint(
    @JsonProperty("format") String format,
    @JsonProperty("position") long position,
    @JsonProperty("hash") String hash,
    @JsonProperty("time") Instant time,
    @JsonProperty("signature") String signature) {

  static final String FORMAT = "imports-checkpoint/1";
  private static final String ALGORITHM = "Ed25519";
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  static Checkpoint sign(long position, byte[] hash, Instant time, PrivateKey key)
      throws GeneralSecurityException {
    var unsigned = new Checkpoint(FORMAT, position, HexFormat.of().formatHex(hash), time, "");
    Signature signature = Signature.getInstance(ALGORITHM);
    signature.initSign(key);
    signature.update(unsigned.signed());
    return new Checkpoint(
        FORMAT,
        position,
        unsigned.hash,
        time,
        Base64.getEncoder().encodeToString(signature.sign()));
  }

  /** Whether the owner of this key signed exactly this. */
  boolean isSignedBy(PublicKey key) {
    try {
      Signature verifier = Signature.getInstance(ALGORITHM);
      verifier.initVerify(key);
      verifier.update(signed());
      return verifier.verify(Base64.getDecoder().decode(signature));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      return false;
    }
  }

  /** The bytes that are signed: four lines, each ended by a line feed. */
  byte[] signed() {
    return (format + "\n" + position + "\n" + hash + "\n" + time + "\n").getBytes(UTF_8);
  }

  String json() {
    return JSON.writeValueAsString(this) + "\n";
  }

  static Checkpoint read(Path file) throws IOException {
    try {
      Checkpoint read = JSON.readValue(Files.readAllBytes(file), Checkpoint.class);
      if (FORMAT.equals(read.format)
          && read.hash != null
          && read.time != null
          && read.signature != null) {
        return read;
      }
    } catch (JacksonException e) {
      throw new IOException(file + " is no checkpoint: " + e.getOriginalMessage(), e);
    }
    throw new IOException(file + " is no checkpoint of the format " + FORMAT);
  }

  static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    return KeyFactory.getInstance(ALGORITHM)
        .generatePrivate(new PKCS8EncodedKeySpec(pem(file, "PRIVATE KEY")));
  }

  static PublicKey publicKey(Path file) throws IOException, GeneralSecurityException {
    return KeyFactory.getInstance(ALGORITHM)
        .generatePublic(new X509EncodedKeySpec(pem(file, "PUBLIC KEY")));
  }

  private static byte[] pem(Path file, String label) throws IOException {
    String text = Files.readString(file).strip();
    String begin = "-----BEGIN " + label + "-----";
    String end = "-----END " + label + "-----";
    if (!text.startsWith(begin) || !text.endsWith(end)) {
      throw new IOException(file + " holds no Ed25519 " + label + " in PEM");
    }
    try {
      return Base64.getMimeDecoder()
          .decode(text.substring(begin.length(), text.length() - end.length()));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " is damaged", e);
    }
  }
}
