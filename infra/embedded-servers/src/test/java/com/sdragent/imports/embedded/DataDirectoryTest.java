package com.sdragent.imports.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryTest {
  private static final String PROPERTY = "imports.standalone.data-directory";
  private static final String ORDINARY = "spaced 'quoted' %20 данные データ é";

  @TempDir private Path path;

  @Test
  void a_path_that_every_program_takes_is_used_as_it_is() {
    Path ordinary = path.resolve(ORDINARY);
    try (var directory = DataDirectory.take(ordinary)) {
      assertThat(directory.plain("postgres")).isEqualTo(ordinary.resolve("postgres"));
      assertThat(directory.programs("bin")).isEqualTo(ordinary.resolve("bin"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\"b", "a$b", "a`b", "a\\b", "a,b", "a\nb", "long"})
  void one_that_is_taken_apart_is_reached_by_a_link_that_goes_with_the_process(String name)
      throws IOException {
    Path odd = path.resolve(name.equals("long") ? "l".repeat(201) : name);
    Path link;
    try (var directory = DataDirectory.take(odd)) {
      link = directory.plain("file");
      Files.createFile(link);
      assertThat(odd.resolve("file")).exists();
      assertThat(link.toString()).doesNotContainPattern("[\"$`\\\\,\n]|l{201}");
      assertThat(directory.programs("bin").toString()).doesNotContain(odd.toString());
    }
    assertThat(link).doesNotExist();
    assertThat(odd.resolve("file")).exists();
  }

  @Test
  void a_name_that_no_file_can_have_is_told_with_the_setting() {
    for (String name : List.of("a\0b", "\uD800")) {
      assertThatThrownBy(() -> DataDirectory.named(name))
          .isInstanceOf(ServerStartException.class)
          .hasMessageContaining(PROPERTY)
          .hasMessageContaining("LC_ALL=C.UTF-8");
    }
  }

  @Test
  void a_file_in_its_place_or_above_it_is_told_with_the_setting() throws IOException {
    Path file = Files.createFile(path.resolve("file"));
    assertRefused(file, "is no directory");
    assertRefused(file.resolve("data"), "cannot be written");
    assertRefused(path.resolve("n".repeat(256)), "File name too long");
  }

  @Test
  void a_directory_that_may_not_be_written_is_told_with_the_setting() throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("r-xr-xr-x"));
    assumeThat(Files.isWritable(path)).as("what the superuser may").isFalse();
    assertRefused(path.resolve("data"), "permission denied");
  }

  private static void assertRefused(Path directory, String reason) {
    assertThatThrownBy(() -> DataDirectory.take(directory))
        .isInstanceOf(ServerStartException.class)
        .hasMessageContaining(directory.toString())
        .hasMessageContaining(reason)
        .hasMessageContaining(PROPERTY);
  }

  @Test
  void a_full_disk_is_the_reason_that_is_told() {
    try (var directory = DataDirectory.take(path)) {
      assertThat(directory.refused("PostgreSQL did not start", 3L << 20))
          .isEqualTo(
              "The disk that holds %s is full (3 MB are free): make room, or set %s",
              path, PROPERTY);
      assertThat(directory.refused("PostgreSQL did not start", 64L << 20))
          .isEqualTo("PostgreSQL did not start");
    }
  }
}
