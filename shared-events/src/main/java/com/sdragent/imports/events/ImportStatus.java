package com.sdragent.imports.events;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Optional;

/** How far an import has come. Any status may follow any other. */
public enum ImportStatus {
  @JsonProperty("pending")
  PENDING("pending"),
  @JsonProperty("processing")
  PROCESSING("processing"),
  @JsonProperty("completed")
  COMPLETED("completed"),
  @JsonProperty("failed")
  FAILED("failed");

  private final String label;

  ImportStatus(String label) {
    this.label = label;
  }

  /** The name in the published documents and in the store. */
  public String label() {
    return label;
  }

  /** The status with exactly this {@link #label()}, or nothing. */
  public static Optional<ImportStatus> labelled(String label) {
    for (ImportStatus status : values()) {
      if (status.label.equals(label)) return Optional.of(status);
    }
    return Optional.empty();
  }
}
