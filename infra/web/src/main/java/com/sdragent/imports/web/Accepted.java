package com.sdragent.imports.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.util.MimeTypeUtils;

/**
 * The media types that a client accepts, by the weights that it gives.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1">RFC 9110, section 12.5.1</a>
 */
final class Accepted {
  private static final MediaType JSON = MediaType.APPLICATION_JSON;
  private static final MediaType PROBLEM = MediaType.APPLICATION_PROBLEM_JSON;
  private static final List<MediaType> OFFERED = List.of(JSON, MediaType.TEXT_EVENT_STREAM);

  /** More than that Spring does not sort; no client has so many. */
  private static final int MOST = 50;

  private static final Accepted ANYTHING = new Accepted(List.of(MediaType.ALL));

  /** What nearly all clients send is read once. */
  private static final Map<String, Accepted> USUAL =
      Map.of(
          MediaType.ALL_VALUE,
          ANYTHING,
          MediaType.APPLICATION_JSON_VALUE,
          new Accepted(List.of(JSON)));

  private final List<MediaType> ranges;
  private final List<MediaType> bestFirst;

  private Accepted(List<MediaType> ranges) {
    this.ranges = ranges;
    bestFirst = inOrder();
  }

  /**
   * The types that the request's headers name; without any, all types.
   *
   * @throws InvalidMediaTypeException when they cannot be read, or are more than {@value #MOST}
   */
  static Accepted of(HttpServletRequest request) {
    Enumeration<String> headers = request.getHeaders("Accept");
    if (!headers.hasMoreElements()) return ANYTHING;
    List<String> sent = Collections.list(headers);
    Accepted usual = sent.size() == 1 ? USUAL.get(sent.getFirst()) : null;
    if (usual != null) return usual;
    List<MediaType> ranges = MediaType.parseMediaTypes(sent);
    if (ranges.size() > MOST) {
      throw new InvalidMediaTypeException(ranges.size() + " types", "there are too many");
    }
    return ranges.isEmpty() ? ANYTHING : new Accepted(ranges);
  }

  /** Whether errors should be problems: the client names them and does not prefer plain JSON. */
  boolean prefersProblems() {
    double problems = named(PROBLEM);
    return problems > 0 && problems >= weight(JSON);
  }

  /** The types of possible answers, the best first, without any that the client refuses. */
  List<MediaType> bestFirst() {
    return bestFirst;
  }

  private List<MediaType> inOrder() {
    var best = new ArrayList<MediaType>();
    List<MediaType> offered =
        OFFERED.stream()
            .filter(type -> offer(type) > 0)
            .sorted(Comparator.comparingDouble(this::offer).reversed())
            .toList();
    boolean named = OFFERED.stream().anyMatch(type -> named(type) >= 0) || named(PROBLEM) >= 0;
    if (named) best.addAll(offered);
    boolean jsonIsRefused = named(JSON) == 0;
    var rest = new ArrayList<>(ranges);
    // A client that refuses JSON gets the types that it names, and nothing by a wildcard.
    rest.removeIf(
        range -> range.getQualityValue() == 0 || (jsonIsRefused && range.isWildcardSubtype()));
    MimeTypeUtils.sortBySpecificity(rest);
    for (MediaType range : rest) {
      if (OFFERED.stream().anyMatch(range::equalsTypeAndSubtype)) continue;
      // Spring would compare each with every type that there is, for whatever parameters it has.
      if (best.stream().noneMatch(range::equalsTypeAndSubtype)) best.add(range);
    }
    return List.copyOf(best);
  }

  /** A client that names problems says how errors should look, not that it wants errors only. */
  private double offer(MediaType type) {
    boolean asProblem = type.equals(JSON) && named(JSON) < 0;
    return asProblem ? Math.max(weight(type), named(PROBLEM)) : weight(type);
  }

  /** The weight that the most specific range for the type gives; 0 when it is refused. */
  private double weight(MediaType type) {
    double weight = 0;
    int most = -1;
    for (MediaType range : ranges) {
      if (!range.includes(type)) continue;
      int says = range.isWildcardType() ? 0 : range.isWildcardSubtype() ? 1 : 2;
      if (says > most) weight = range.getQualityValue();
      else if (says == most) weight = Math.max(weight, range.getQualityValue());
      most = Math.max(most, says);
    }
    return weight;
  }

  /**
   * The weight of a type that is named explicitly, with or without parameters; -1 when it is not.
   */
  private double named(MediaType type) {
    return ranges.stream()
        .filter(type::equalsTypeAndSubtype)
        .mapToDouble(MediaType::getQualityValue)
        .max()
        .orElse(-1);
  }
}
