package com.sdragent.imports.query.imports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.sdragent.imports.events.ImportState.Active;
import com.sdragent.imports.query.imports.ImportRow.Column;
import org.junit.jupiter.api.Test;

class ImportRowTest {
  @Test
  void every_field_of_the_api_has_a_column_and_they_are_in_one_order() {
    String[] fields = Active.class.getAnnotation(JsonPropertyOrder.class).value();
    assertThat(ImportRow.COLUMNS).extracting(Column::name).containsExactly(fields);
  }
}
