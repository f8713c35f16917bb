package com.sdragent.imports.tool.terminal;

import java.util.UUID;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads ids in the form that the service prints; Java's own reader would take others too. */
public final class Identifier implements ITypeConverter<UUID> {
  private static final Pattern FORM =
      Pattern.compile("\\p{XDigit}{8}(-\\p{XDigit}{4}){3}-\\p{XDigit}{12}");

  @Override
  public UUID convert(String text) {
    if (FORM.matcher(text).matches()) return UUID.fromString(text);
    // Anything longer may be a key that was given in its place.
    String shown = text.matches("[\\p{XDigit}-]{1,36}") ? "'" + text + "'" : "What was given";
    throw new TypeConversionException(
        "%s is no id: give all 36 characters, such as 019376b2-7d1c-7e5f-9a51-3f0c5d2a9b10"
            .formatted(shown));
  }
}
