package com.sdragent.imports.events.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * The headers of every record in {@code imports.events}, {@code imports.state} and private replays.
 * They are the attributes of CloudEvents 1.0 and this service's extensions, each as UTF-8 text.
 *
 * @see <a
 *     href="https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md">
 *     CloudEvents 1.0, Kafka protocol binding, binary mode</a>
 */
public final class EventHeaders {
  /** The version of CloudEvents. */
  public static final String SPEC_VERSION = "ce_specversion";

  /** The id of the event. */
  public static final String ID = "ce_id";

  /** What happened, and in which revision. */
  public static final String TYPE = "ce_type";

  /** Whether the record is an event or a state. */
  public static final String SOURCE = "ce_source";

  /** The id of the import. */
  public static final String SUBJECT = "ce_subject";

  /** The time at which it happened. */
  public static final String TIME = "ce_time";

  /** The id of the organization that owns the import. */
  public static final String ORGANIZATION = "ce_organization";

  /** The number of the event among those of its import, from 0. */
  public static final String IMPORT_SEQUENCE = "ce_importsequence";

  /** The number of the event among all of the service, from 1. */
  public static final String POSITION = "ce_position";

  /** The trace context of the request that caused the event, if there was one. */
  public static final String TRACE_PARENT = "ce_traceparent";

  /** The id of the private replay that published the record, if one did. */
  public static final String REPLAY = "ce_replay";

  /** The media type of the value. */
  public static final String CONTENT_TYPE = "content-type";

  private static final String TYPE_PREFIX = "com.sdragent.imports.";
  private static final Pattern TYPE_TEXT =
      Pattern.compile(Pattern.quote(TYPE_PREFIX) + "([A-Za-z]+)\\.v([1-9][0-9]{0,8})");

  private EventHeaders() {}

  /**
   * The kind of an event, as the header {@link #TYPE} gives it.
   *
   * @param name the logical name of the event, or that of the state
   */
  public record Type(String name, int revision) {

    /** Reads a header, or returns nothing when the text is not one of the service's types. */
    public static Optional<Type> parse(String text) {
      Matcher parts = TYPE_TEXT.matcher(text);
      return parts.matches()
          ? Optional.of(new Type(parts.group(1), Integer.parseInt(parts.group(2))))
          : Optional.empty();
    }

    /** The text of the header. */
    @Override
    public String toString() {
      return TYPE_PREFIX + name + ".v" + revision;
    }
  }

  /** The text of the header with this name, or null when there is none. */
  public static @Nullable String text(Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null ? null : new String(header.value(), UTF_8);
  }

  /**
   * The number of the event among those of its import, from 0.
   *
   * @throws SerializationException when the record is not of an import
   */
  public static long importSequence(Headers headers) {
    return number(headers, IMPORT_SEQUENCE);
  }

  /**
   * The number of the event among all of the service, from 1.
   *
   * @throws SerializationException when the record is not of an import
   */
  public static long position(Headers headers) {
    return number(headers, POSITION);
  }

  private static long number(Headers headers, String name) {
    try {
      return Long.parseLong(String.valueOf(text(headers, name)));
    } catch (NumberFormatException e) {
      throw new SerializationException("The header " + name + " is no number", e);
    }
  }
}
