package com.sdragent.imports.benchmarks;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A wrong clock for a node: its virtual machine gets a {@code java.time.Clock} that adds a constant
 * to what {@code Instant.now()} and everything built on it tells.
 */
final class ShiftedClock {
  private static final ClassDesc INSTANT = Instant.class.describeConstable().orElseThrow();

  private ShiftedClock() {}

  /** Options of a virtual machine whose clock is ahead of the system's, or behind it. */
  static List<String> options(Duration ahead) {
    if (ahead.isZero()) return List.of();
    Path patch = Path.of("target", "clocks", ahead.toString()).toAbsolutePath();
    Path file = patch.resolve(Path.of("java", "time", "Clock.class"));
    try (InputStream original = Clock.class.getResourceAsStream("Clock.class")) {
      if (original == null) throw new IllegalStateException("No class file of java.time.Clock");
      Files.createDirectories(file.getParent());
      Files.write(file, shifted(original.readAllBytes(), ahead.toSeconds()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.of("--patch-module", "java.base=" + patch);
  }

  private static byte[] shifted(byte[] original, long seconds) {
    ClassFile files = ClassFile.of();
    return files.transformClass(
        files.parse(original),
        ClassTransform.transformingMethodBodies(
            method -> method.methodName().equalsString("currentInstant"),
            (code, element) -> {
              if (element instanceof ReturnInstruction) {
                code.loadConstant(seconds)
                    .invokevirtual(
                        INSTANT, "plusSeconds", MethodTypeDesc.of(INSTANT, ConstantDescs.CD_long));
              }
              code.with(element);
            }));
  }
}
