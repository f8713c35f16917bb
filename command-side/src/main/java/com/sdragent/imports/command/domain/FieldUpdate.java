package com.sdragent.imports.command.domain;

import org.jspecify.annotations.Nullable;

/** A command's wish for a field that may be empty: keep it, set it or clear it. */
public sealed interface FieldUpdate<T> {

  static <T> FieldUpdate<T> keep() {
    return new Keep<>();
  }

  /** Sets the field to this value; null clears it. */
  static <T> FieldUpdate<T> to(@Nullable T value) {
    return new To<>(value);
  }

  /** The field's value after this change. */
  default @Nullable T valueFrom(@Nullable T current) {
    return switch (this) {
      case Keep<T> _ -> current;
      case To<T>(T value) -> value;
    };
  }

  /** Leave the field as it is. */
  record Keep<T>() implements FieldUpdate<T> {}

  /** Give the field this value; null clears it. */
  record To<T>(@Nullable T value) implements FieldUpdate<T> {}
}
