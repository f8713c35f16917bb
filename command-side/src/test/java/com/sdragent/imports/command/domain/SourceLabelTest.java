package com.sdragent.imports.command.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceLabelTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"salesforce", "hubspot", "pipedrive", "csv_upload", "api_integration", "webhook"})
  void the_documented_examples_are_left_as_they_are(String label) {
    assertThat(SourceLabel.normalize(label)).isEqualTo(label);
  }

  @ParameterizedTest
  @CsvSource({
    "CSV Upload,csv_upload",
    "'  csv -_ upload  ',csv_upload",
    "ＣＳＶ,csv",
    "ﬁle,file",
    "İstanbul,i̇stanbul",
    "a\u00a0b,a_b",
    "a\u2011b,a_b",
    "--x--,_x_"
  })
  void a_label_is_folded(String label, String normalized) {
    assertThat(SourceLabel.normalize(label)).isEqualTo(normalized);
  }

  @Test
  void short_labels_are_folded_by_the_published_rule() {
    String letters = "aZ9_- .";
    for (int i = 0; i < letters.length() * letters.length() * letters.length(); i++) {
      String text =
          ""
              + letters.charAt(i % letters.length())
              + letters.charAt(i / letters.length() % letters.length())
              + letters.charAt(i / letters.length() / letters.length());
      assertThat(SourceLabel.normalize(text))
          .isEqualTo(text.strip().toLowerCase(Locale.ROOT).replaceAll("[ _-]+", "_"));
    }
  }

  @Test
  void normalizing_twice_changes_nothing() {
    var random = new Random(20241006);
    for (int i = 0; i < 20_000; i++) {
      var text =
          random
              .ints(random.nextInt(1, 12), 1, 0x10FFFF)
              .filter(c -> !(c >= 0xD800 && c <= 0xDFFF))
              .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
              .toString();
      String once = SourceLabel.normalize(text);
      assertThat(SourceLabel.normalize(once)).isEqualTo(once);
    }
    for (int c = 1; c <= 0x10FFFF; c++) {
      if (c >= 0xD800 && c <= 0xDFFF) continue;
      String once = SourceLabel.normalize(Character.toString(c));
      assertThat(SourceLabel.normalize(once)).isEqualTo(once);
    }
  }

  @Test
  void nothing_left_is_no_label() {
    assertThatThrownBy(() -> SourceLabel.of("  ")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void too_much_left_is_no_label() {
    assertThat(SourceLabel.of("x".repeat(255)).normalized()).hasSize(255);
    assertThatThrownBy(() -> SourceLabel.of("x".repeat(256)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SourceLabel.of(" ".repeat(1024) + "x"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
