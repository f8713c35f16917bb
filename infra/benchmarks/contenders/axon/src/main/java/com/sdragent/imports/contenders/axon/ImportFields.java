package com.sdragent.imports.contenders.axon;

import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.PositiveOrZero;
import jakarta.validation.constraints.Size;
import jakarta.validation.groups.Default;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The fields that a client may send. */
record ImportFields(
    @NotBlank(groups = ImportFields.New.class) @Size(max = 255) @Nullable String source,
    @Size(max = 1024) @Nullable String fileName,
    @Nullable UUID campaignId,
    @Pattern(regexp = "pending|processing|completed|failed") @Nullable String status,
    @PositiveOrZero @Nullable Long totalRows) {

  /** What is asked of a new import alone. */
  interface New extends Default {}
}
