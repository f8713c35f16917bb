package com.sdragent.imports.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What those get who depend on this module alone. */
class PublishedModuleTest {
  private static final int CLASS_FILES_OF_JAVA_17 = 61;

  @Test
  void classes_are_for_java_17() throws Exception {
    try (InputStream file = ImportEvent.class.getResourceAsStream("ImportEvent.class");
        var data = new DataInputStream(Objects.requireNonNull(file))) {
      data.skipNBytes(6);
      assertThat(data.readUnsignedShort()).isEqualTo(CLASS_FILES_OF_JAVA_17);
    }
  }

  @Test
  void the_published_pom_has_no_parent_real_versions_and_neither_spring_nor_axon()
      throws Exception {
    assertThat(Files.readString(Path.of("target", "published-pom.xml")))
        .contains("<groupId>com.sdragent.imports</groupId>", "<artifactId>jackson-databind<")
        .doesNotContain("<parent>", "${", "springframework", "axon", "<scope>test", "Apache");
  }
}
