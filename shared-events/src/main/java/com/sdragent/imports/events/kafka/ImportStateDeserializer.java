package com.sdragent.imports.events.kafka;

import com.sdragent.imports.events.ImportState;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Reads the records of {@code imports.state}: the import as it is, or null when it was deleted. */
public final class ImportStateDeserializer implements Deserializer<ImportState.Active> {
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  @Override
  public ImportState.@Nullable Active deserialize(String topic, byte @Nullable [] data) {
    if (data == null) return null;
    try {
      return JSON.readValue(data, ImportState.Active.class);
    } catch (JacksonException e) {
      throw new SerializationException("Not the state of an import in " + topic, e);
    }
  }
}
