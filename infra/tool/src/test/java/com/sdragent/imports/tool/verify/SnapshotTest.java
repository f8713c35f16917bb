package com.sdragent.imports.tool.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.command.domain.Import;
import com.sdragent.imports.tool.verify.ImportPast.Snapshot;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  @Test
  void those_that_the_service_stores_are_known_and_those_of_other_folds_are_not() {
    String name = Import.SNAPSHOT.name();
    int revision = Import.SNAPSHOT.revision();
    assertThat(Snapshot.of(0, name, revision, "{}").known()).isTrue();
    assertThat(Snapshot.of(0, name, revision + 1, "{}").known()).isFalse();
    assertThat(Snapshot.of(0, "Other", revision, "{}").known()).isFalse();
  }
}
