package com.sdragent.imports.access.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * An API key as clients send it: {@code imp_<environment>_<id>_<secret><checksum>}. The id is 12
 * and the secret 32 letters and digits (190 bits). The checksum is that of GitHub's tokens: the
 * CRC-32 of all before it, in base 62, six digits long. So scanners of source code and typing
 * mistakes are recognised by the text alone.
 */
public final class KeyToken {
  private static final String DIGITS =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  private static final int ID_LENGTH = 12;
  private static final int SECRET_LENGTH = 32;
  private static final int CHECKSUM_LENGTH = 6;
  private static final Pattern ENVIRONMENT = Pattern.compile("[a-z0-9]{1,20}");
  private static final Pattern FORM =
      Pattern.compile(
          "imp_[a-z0-9]{1,20}_([0-9A-Za-z]{"
              + ID_LENGTH
              + "})_[0-9A-Za-z]{"
              + (SECRET_LENGTH + CHECKSUM_LENGTH)
              + "}");
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String text;
  private final String id;

  private KeyToken(String text, String id) {
    this.text = text;
    this.id = id;
  }

  /**
   * Makes a new key.
   *
   * @param environment for people and scanners: 1 to 20 small letters and digits
   */
  public static KeyToken create(String environment) {
    return rotate(environment, random(ID_LENGTH));
  }

  /** Makes a key with another secret for an id that there is. */
  public static KeyToken rotate(String environment, String id) {
    if (!isEnvironment(environment)) throw new IllegalArgumentException("No environment");
    String body = "imp_" + environment + "_" + id + "_" + random(SECRET_LENGTH);
    return new KeyToken(body + checksum(body), id);
  }

  /** Whether this can stand for the environment in a key. */
  public static boolean isEnvironment(String name) {
    return ENVIRONMENT.matcher(name).matches();
  }

  /** The key that the text is, or nothing when it has another form or was mistyped. */
  public static Optional<KeyToken> parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) return Optional.empty();
    int end = text.length() - CHECKSUM_LENGTH;
    if (!checksum(text.substring(0, end)).equals(text.substring(end))) return Optional.empty();
    return Optional.of(new KeyToken(text, form.group(1)));
  }

  /** What finds the key in the database. It is no secret. */
  public String id() {
    return id;
  }

  /** The key itself, for whoever asked for it, once. */
  public String secretText() {
    return text;
  }

  /** What is stored of it. */
  public String hash() {
    return sha256(text);
  }

  /** Leaves out the secret. */
  @Override
  public String toString() {
    return "KeyToken[" + id + "]";
  }

  /**
   * The SHA-256 of a key, in hexadecimal digits. That is enough for what nobody can guess: a slow
   * hash protects what people make up.
   */
  public static String sha256(String key) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(key.getBytes(US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  private static String random(int length) {
    var text = new StringBuilder(length);
    for (int i = 0; i < length; i++) text.append(DIGITS.charAt(RANDOM.nextInt(DIGITS.length())));
    return text.toString();
  }

  private static String checksum(String body) {
    var crc = new CRC32();
    crc.update(body.getBytes(US_ASCII));
    var digits = new char[CHECKSUM_LENGTH];
    long rest = crc.getValue();
    for (int i = CHECKSUM_LENGTH - 1; i >= 0; i--) {
      digits[i] = DIGITS.charAt((int) (rest % DIGITS.length()));
      rest /= DIGITS.length();
    }
    return new String(digits);
  }
}
