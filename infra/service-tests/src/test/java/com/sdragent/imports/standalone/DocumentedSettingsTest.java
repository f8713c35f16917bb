package com.sdragent.imports.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.io.ClassPathResource;

class DocumentedSettingsTest {
  private static final Path DOCUMENT = Path.of("..", "docs", "configuration.md");

  @Test
  void every_setting_is_documented_with_its_default_and_no_other() throws IOException {
    var settings = new ArrayList<String>();
    for (Class<?> record : records()) {
      collect(record.getAnnotation(ConfigurationProperties.class).value(), record, settings);
    }
    List<String> documented =
        Files.readAllLines(DOCUMENT).stream()
            .filter(line -> line.startsWith("| `imports."))
            .map(line -> line.replaceFirst("^(\\|[^|]*\\|[^|]*\\|).*", "$1"))
            .toList();
    assertThat(documented).containsExactlyInAnyOrderElementsOf(settings);
    assertThat(new ClassPathResource("known-settings.txt").getContentAsString(UTF_8).lines())
        .as("the names that the service knows at its start")
        .containsExactlyInAnyOrderElementsOf(
            settings.stream().map(line -> line.split("`", -1)[1]).toList());
  }

  @Test
  void every_record_of_settings_is_read_before_the_servers_start() {
    assertThat(Settings.names())
        .containsExactlyInAnyOrderElementsOf(records().stream().map(Class::getName).toList());
  }

  private static List<Class<?>> records() {
    var records = new ArrayList<Class<?>>();
    for (JavaClass type :
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("com.sdragent.imports")) {
      if (type.isAnnotatedWith(ConfigurationProperties.class)) records.add(type.reflect());
    }
    return records;
  }

  private static void collect(String prefix, Class<?> record, List<String> settings) {
    for (RecordComponent component : record.getRecordComponents()) {
      String name = prefix + "." + kebab(component.getName());
      if (component.getGenericType() instanceof ParameterizedType list
          && list.getActualTypeArguments()[0] instanceof Class<?> element
          && element.isRecord()) {
        collect(name + "[n]", element, settings);
      } else if (component.getType().isRecord()) {
        collect(name, component.getType(), settings);
      } else {
        settings.add("| `" + name + "` | " + defaultValue(record, component) + " |");
      }
    }
  }

  private static String defaultValue(Class<?> record, RecordComponent component) {
    RecordComponent[] all = record.getRecordComponents();
    for (int i = 0; i < all.length; i++) {
      if (!all[i].getName().equals(component.getName())) continue;
      DefaultValue value =
          record.getDeclaredConstructors()[0].getParameters()[i].getAnnotation(DefaultValue.class);
      if (value != null && value.value().length > 0) {
        return "`" + String.join(",", value.value()) + "`";
      }
    }
    return "none";
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }
}
