package com.sdragent.imports.eventstore.append;

import java.util.UUID;
import java.util.function.Function;
import org.axonframework.messaging.MetaData;
import org.jspecify.annotations.Nullable;

/**
 * A request that is done once, however often it is sent under its key. As the metadata {@link
 * #NAME} of a command it makes the append keep the answer together with the events, or refuse them:
 * with {@link AnsweredBeforeException} when it was answered within the last 24 hours, with {@link
 * OtherRequestException} when the key is that of another request.
 *
 * <p>It belongs to the thread that sends the command.
 */
public final class KeyedRequest {
  /** Under this name, a command's metadata has its request. */
  public static final String NAME = KeyedRequest.class.getName();

  private final UUID organization;
  private final String key;
  private final String digest;
  private final Function<@Nullable Object, String> answer;
  private boolean kept;

  /**
   * @param organization whose key it is; that of others is another, whatever it is called
   * @param key what the client calls the request
   * @param digest of what is asked for: SHA-256, as 64 hexadecimal digits
   * @param answer the answer that a command's result has, in any form that the caller can read
   */
  public KeyedRequest(
      UUID organization, String key, String digest, Function<@Nullable Object, String> answer) {
    this.organization = organization;
    this.key = key;
    this.digest = digest;
    this.answer = answer;
  }

  /** The request that a command is part of, if that has a key. */
  public static @Nullable KeyedRequest of(MetaData command) {
    return (KeyedRequest) command.get(NAME);
  }

  UUID organization() {
    return organization;
  }

  String key() {
    return key;
  }

  String digest() {
    return digest;
  }

  String answer(@Nullable Object result) {
    return answer.apply(result);
  }

  /** Whether its answer is stored, with the events or without any. */
  public boolean isKept() {
    return kept;
  }

  void kept() {
    kept = true;
  }
}
