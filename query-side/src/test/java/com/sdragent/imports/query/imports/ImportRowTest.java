package com.sdragent.imports.query.imports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.query.imports.ImportRow.Column;
import java.lang.reflect.Field;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ImportRowTest {
  @Test
  void every_field_of_the_api_has_a_column_and_every_column_an_attribute_in_one_order() {
    String[] fields = Active.class.getAnnotation(JsonPropertyOrder.class).value();
    assertThat(ImportRow.COLUMNS).extracting(Column::name).containsExactly(fields);
    assertThat(
            Stream.of(ImportRow.class.getDeclaredFields())
                .map(Field::getName)
                .filter(name -> !name.equals("COLUMNS"))
                .map(name -> name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT)))
        .containsExactly(fields);
  }
}
