package com.sdragent.imports.web;

import com.sdragent.imports.web.ApiError.FieldError;
import io.swagger.v3.oas.models.Components;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.PathItem;
import io.swagger.v3.oas.models.PathItem.HttpMethod;
import io.swagger.v3.oas.models.media.MediaType;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.parameters.Parameter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The methods of addresses that the API document names, and the query parameters and the fields of
 * bodies by operation.
 */
final class DocumentedNames {
  private static final int LONGEST_SHOWN = 64;
  private static final int MOST_SHOWN = 10;

  private final Map<String, Names> operations = new HashMap<>();
  private final Map<String, Set<String>> methods = new HashMap<>();

  DocumentedNames(OpenAPI document) {
    document
        .getPaths()
        .forEach(
            (path, item) ->
                item.readOperationsMap()
                    .forEach(
                        (method, operation) -> {
                          operations.put(
                              key(method.name(), path),
                              names(operation, item, document.getComponents()));
                          Set<String> known =
                              methods.computeIfAbsent(address(path), _ -> new TreeSet<>());
                          known.add(method.name());
                          // Spring answers HEAD wherever it answers GET.
                          if (method == HttpMethod.GET) known.add(HttpMethod.HEAD.name());
                        }));
  }

  /**
   * The methods that an address has by the document, whichever node serves them; none when it is
   * not in the document as it stands here.
   */
  Set<String> methods(String path) {
    return methods.getOrDefault(address(path), Set.of());
  }

  private static String address(String path) {
    return path.replaceFirst("/$", "");
  }

  /** The names of one operation, in the order of the document. */
  record Names(Set<String> parameters, Set<String> fields) {

    /** An error for each parameter of these that the operation does not have, up to a few. */
    List<FieldError> unknownParameters(Collection<String> sent) {
      return unknown(sent, parameters);
    }

    /** An error for each field of these that the operation's body does not have, up to a few. */
    List<FieldError> unknownFields(Collection<String> sent) {
      return unknown(sent, fields);
    }

    private static List<FieldError> unknown(Collection<String> sent, Set<String> known) {
      return sent.stream()
          .filter(name -> !known.contains(name))
          .limit(MOST_SHOWN)
          .map(DocumentedNames::shown)
          .map(name -> new FieldError(name, "is not known" + advice(name, known)))
          .toList();
    }
  }

  /** The names of the operation at this pattern of a route; null when it is not in the document. */
  @Nullable Names of(String method, String pattern) {
    Names names = operations.get(key(method, pattern));
    // Spring answers HEAD wherever it answers GET.
    return names == null && method.equals("HEAD") ? operations.get(key("GET", pattern)) : names;
  }

  /** Routes have other names for parts of a path, and may end with a slash. */
  private static String key(String method, String pattern) {
    return method + " " + pattern.replaceAll("\\{[^}]*}", "{}").replaceFirst("/$", "");
  }

  private static Names names(Operation operation, PathItem item, Components components) {
    var parameters = new LinkedHashSet<String>();
    for (List<Parameter> some : listOf(operation.getParameters(), item.getParameters())) {
      for (Parameter one : some) {
        Parameter known =
            one.get$ref() == null ? one : named(components.getParameters(), one.get$ref());
        if (known.getIn().equals("query")) parameters.add(known.getName());
      }
    }
    var fields = new LinkedHashSet<String>();
    if (operation.getRequestBody() != null) {
      for (MediaType type : operation.getRequestBody().getContent().values()) {
        Schema<?> inPlace = type.getSchema();
        Schema<?> schema =
            inPlace.get$ref() == null ? inPlace : named(components.getSchemas(), inPlace.get$ref());
        if (schema.getProperties() != null) fields.addAll(schema.getProperties().keySet());
      }
    }
    return new Names(parameters, fields);
  }

  private static List<List<Parameter>> listOf(
      @Nullable List<Parameter> first, @Nullable List<Parameter> second) {
    var lists = new ArrayList<List<Parameter>>();
    if (first != null) lists.add(first);
    if (second != null) lists.add(second);
    return lists;
  }

  private static <T> T named(Map<String, ? extends T> components, String reference) {
    return Objects.requireNonNull(
        components.get(reference.substring(reference.lastIndexOf('/') + 1)), reference);
  }

  /** A name as an error may repeat it: short, and without half a character. */
  private static String shown(String name) {
    String part = name.length() > LONGEST_SHOWN ? name.substring(0, LONGEST_SHOWN) + "…" : name;
    return new String(part.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
  }

  private static String advice(String name, Set<String> known) {
    return NearestName.of(name, known)
        .map(nearest -> ", the nearest is " + nearest)
        .orElse(", and neither is any other here");
  }
}
