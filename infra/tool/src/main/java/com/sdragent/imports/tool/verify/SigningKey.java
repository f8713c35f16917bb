package com.sdragent.imports.tool.verify;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sdragent.imports.tool.terminal.CannotLookException;
import com.sdragent.imports.tool.terminal.NamedFile;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.EdECPrivateKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;

/** The key that checkpoints are signed with, in the PEM form that OpenSSL reads too. */
final class SigningKey {
  static final String ALGORITHM = "Ed25519";
  private static final String MAKE_ONE = "make a pair with 'imports-tool signing-keys'";

  private final PrivateKey privateKey;
  private final PublicKey publicKey;

  private SigningKey(PrivateKey privateKey, PublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
  }

  /**
   * Reads the private key.
   *
   * @throws CannotLookException when the file holds none
   */
  static SigningKey read(NamedFile file) throws CannotLookException, GeneralSecurityException {
    PrivateKey key =
        KeyFactory.getInstance(ALGORITHM)
            .generatePrivate(new PKCS8EncodedKeySpec(pem(file, "PRIVATE KEY")));
    return new SigningKey(key, publicOf(key));
  }

  /**
   * Reads a public key.
   *
   * @throws CannotLookException when the file holds none
   */
  static PublicKey readPublic(NamedFile file) throws CannotLookException, GeneralSecurityException {
    return KeyFactory.getInstance(ALGORITHM)
        .generatePublic(new X509EncodedKeySpec(pem(file, "PUBLIC KEY")));
  }

  /** The name of a key: the SHA-256 of its X.509 encoding, as OpenSSL writes it. */
  static String nameOf(PublicKey key) {
    return HexFormat.of().formatHex(HashChain.sha256().digest(key.getEncoded()));
  }

  String name() {
    return nameOf(publicKey);
  }

  PublicKey publicKey() {
    return publicKey;
  }

  /** The signature in Base64. */
  String sign(byte[] message) throws GeneralSecurityException {
    Signature signature = Signature.getInstance(ALGORITHM);
    signature.initSign(privateKey);
    signature.update(message);
    return Base64.getEncoder().encodeToString(signature.sign());
  }

  static String pem(String label, byte[] key) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(label, Base64.getEncoder().encodeToString(key));
  }

  /**
   * The public key of a private one. Java has no call for it: a pair is made from the private key's
   * own 32 bytes, which stand for the random ones of a new pair (RFC 8032, section 5.1.5).
   */
  private static PublicKey publicOf(PrivateKey key) throws GeneralSecurityException {
    byte[] seed =
        key instanceof EdECPrivateKey edwards
            ? edwards.getBytes().orElse(new byte[0])
            : new byte[0];
    var generator = KeyPairGenerator.getInstance(ALGORITHM);
    generator.initialize(NamedParameterSpec.ED25519, new Given(seed));
    KeyPair pair = generator.generateKeyPair();
    if (pair.getPrivate().equals(key)) return pair.getPublic();
    throw new GeneralSecurityException("This Java cannot tell the public key of a private one");
  }

  /** Bytes that are not random. */
  private static final class Given extends SecureRandom {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // It is never written.
    private final byte[] seed;

    Given(byte[] seed) {
      this.seed = seed;
    }

    @Override
    public void nextBytes(byte[] bytes) {
      System.arraycopy(seed, 0, bytes, 0, Math.min(seed.length, bytes.length));
    }
  }

  private static byte[] pem(NamedFile file, String label) throws CannotLookException {
    String text = new String(file.read(MAKE_ONE), US_ASCII).strip();
    String begin = "-----BEGIN " + label + "-----";
    String end = "-----END " + label + "-----";
    if (!text.startsWith(begin) || !text.endsWith(end)) {
      throw new CannotLookException(
          file.option() + ": " + file.path() + " holds no " + label + " in PEM: " + MAKE_ONE);
    }
    try {
      return Base64.getMimeDecoder()
          .decode(text.substring(begin.length(), text.length() - end.length()));
    } catch (IllegalArgumentException e) {
      throw new CannotLookException(
          file.option() + ": " + file.path() + " is damaged: take a copy of it", e);
    }
  }
}
