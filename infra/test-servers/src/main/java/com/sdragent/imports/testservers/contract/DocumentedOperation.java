package com.sdragent.imports.testservers.contract;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * An operation of the API's document, which an address and a method lead to.
 *
 * @param template the path as the document has it
 * @param path what an address has to match, with a group for each parameter
 * @param parameters those of the path and of the operation, without references
 * @param operation its node of the document
 */
record DocumentedOperation(
    String template,
    Pattern path,
    String method,
    List<String> pathNames,
    List<JsonNode> parameters,
    JsonNode operation) {
  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  /** All of the document, those with fixed addresses first. */
  static List<DocumentedOperation> allOf(OpenApiDocument document) {
    var operations = new ArrayList<DocumentedOperation>();
    for (Map.Entry<String, JsonNode> path : document.root().get("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (METHODS.contains(method.getKey())) {
          operations.add(operation(document, path, method.getKey(), method.getValue()));
        }
      }
    }
    operations.sort(Comparator.comparingInt(operation -> operation.pathNames.size()));
    return List.copyOf(operations);
  }

  private static DocumentedOperation operation(
      OpenApiDocument document, Map.Entry<String, JsonNode> path, String method, JsonNode node) {
    var names = new ArrayList<String>();
    Matcher name = Pattern.compile("\\{([^}]+)}").matcher(path.getKey());
    while (name.find()) names.add(name.group(1));
    String pattern = path.getKey().replaceAll("\\{[^}]+}", "([^/]+)").replaceFirst("/$", "") + "/?";
    var parameters = new ArrayList<JsonNode>();
    for (JsonNode owner : List.of(path.getValue(), node)) {
      for (JsonNode one : owner.path("parameters")) parameters.add(document.resolved(one));
    }
    return new DocumentedOperation(
        path.getKey(),
        Pattern.compile(pattern),
        method.toUpperCase(Locale.ROOT),
        List.copyOf(names),
        List.copyOf(parameters),
        node);
  }

  /** Those that a request for this address may be for, the nearest first. */
  static List<DocumentedOperation> at(List<DocumentedOperation> all, String path) {
    return all.stream().filter(one -> one.path.matcher(path).matches()).toList();
  }

  @Override
  public String toString() {
    return method + " " + template;
  }
}
