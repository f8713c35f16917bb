package com.sdragent.imports.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.ClassPathResource;

/**
 * Names settings of this service that there are not, which Spring passes over: one that was
 * mistyped has no effect, and nobody would notice. Each executable knows the settings of all, which
 * may share a file.
 */
final class UnknownSettings
    implements ApplicationContextInitializer<ConfigurableApplicationContext>, Ordered {
  private static final Logger log = LoggerFactory.getLogger(UnknownSettings.class);
  private static final String PREFIX = "imports.";
  private static final String VARIABLE_PREFIX = "IMPORTS_";

  /** Settings whose last part is a name that the operator chooses. */
  private static final Set<String> MAPS =
      Set.of(
          "imports.events.written-revisions",
          "imports.placement.organizations",
          "imports.placement.stores");

  /** Variables of imports-tool. */
  private static final Set<String> OF_THE_TOOL = Set.of("IMPORTS_API_KEY", "IMPORTS_SERVICE");

  /** What Kubernetes tells each container of a service whose name begins with imports. */
  private static final Pattern OF_KUBERNETES =
      Pattern.compile("IMPORTS_(.*_)?(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT_\\d+_(TCP|UDP)(_.*)?)");

  private static final Pattern INDEX = Pattern.compile("\\[\\d+]|\\[n]");
  private static final Pattern INDEX_OF_VARIABLE = Pattern.compile("_\\d+(?=_|$)");
  private static final Pattern SEPARATOR = Pattern.compile("[^a-z0-9#]");

  /** Before anything else is done with the settings. */
  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }

  @Override
  public void initialize(ConfigurableApplicationContext context) {
    for (PropertySource<?> source : context.getEnvironment().getPropertySources()) {
      if (!(source instanceof EnumerablePropertySource<?> settings)) continue;
      advices(settings).values().forEach(log::warn);
    }
  }

  /** What to tell of each unknown name. */
  static Map<String, String> advices(EnumerablePropertySource<?> source) {
    var known = new LinkedHashMap<String, String>();
    for (String name : names()) known.put(form(name), name);
    var advices = new LinkedHashMap<String, String>();
    boolean variables = source instanceof SystemEnvironmentPropertySource;
    for (String name : source.getPropertyNames()) {
      boolean isVariable = variables && name.startsWith(VARIABLE_PREFIX);
      if (!isVariable && !name.startsWith(PREFIX)) continue;
      if (isVariable && isOfOthers(name, source)) continue;
      String form = isVariable ? formOfVariable(name) : form(name);
      if (isKnown(form, known)) continue;
      String nearest = NearestName.of(form, known.keySet()).map(known::get).orElse("");
      advices.put(
          name,
          name + " is no setting of this service and has no effect; the nearest is " + nearest);
    }
    return advices;
  }

  private static Iterable<String> names() {
    try {
      return new ClassPathResource("known-settings.txt").getContentAsString(UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean isOfOthers(String variable, PropertySource<?> source) {
    return OF_THE_TOOL.contains(variable)
        || OF_KUBERNETES.matcher(variable).matches()
        || (variable.endsWith("_PORT")
            && String.valueOf(source.getProperty(variable)).contains("://"));
  }

  private static boolean isKnown(String form, Map<String, String> known) {
    // The values of a list may be given one by one.
    return known.containsKey(form)
        || (form.endsWith("#") && known.containsKey(form.substring(0, form.length() - 1)))
        || MAPS.stream().anyMatch(map -> form.startsWith(form(map)));
  }

  /** Letters and digits alone, as Spring compares names; an index is a number sign. */
  private static String form(String name) {
    return letters(INDEX.matcher(name).replaceAll("#"));
  }

  private static String formOfVariable(String name) {
    return letters(INDEX_OF_VARIABLE.matcher(name).replaceAll("#"));
  }

  private static String letters(String name) {
    return SEPARATOR.matcher(name.toLowerCase(Locale.ROOT)).replaceAll("");
  }
}
