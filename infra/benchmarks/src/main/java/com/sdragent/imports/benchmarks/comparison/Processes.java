package com.sdragent.imports.benchmarks.comparison;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What Linux tells of processes in {@code /proc}. Elsewhere nothing is known: all is zero. */
final class Processes {
  private static final Path PROC = Path.of("/proc");

  /** Linux counts in hundredths of a second towards programs, whatever it does inside. */
  private static final double TICKS_A_SECOND = 100;

  private Processes() {}

  /** The processor time of a process up to now, in seconds. */
  static double cpuSeconds(long pid) {
    return ticks(PROC.resolve(Long.toString(pid)).resolve("stat"), 11, 2) / TICKS_A_SECOND;
  }

  /** The processor time of a process and its children, with those that have ended, in seconds. */
  static double cpuSecondsWithChildren(long pid) {
    double sum = ticks(PROC.resolve(Long.toString(pid)).resolve("stat"), 11, 4) / TICKS_A_SECOND;
    for (long child : children(pid)) sum += cpuSeconds(child);
    return sum;
  }

  /** The processor time of each group of threads, whose names differ by a number, in seconds. */
  static Map<String, Double> cpuSecondsByThreads(long pid) {
    var seconds = new TreeMap<String, Double>();
    for (Path task : list(PROC.resolve(Long.toString(pid)).resolve("task"))) {
      String name = read(task.resolve("comm")).strip().replaceAll("(?<=..)[-_#/ ]*\\d.*$", "");
      seconds.merge(name, ticks(task.resolve("stat"), 11, 2) / TICKS_A_SECOND, Double::sum);
    }
    return seconds;
  }

  /** The memory that a process has in use, in megabytes. */
  static double residentMegabytes(long pid) {
    return kilobytes(PROC.resolve(Long.toString(pid)).resolve("status"), "VmRSS:") / 1024;
  }

  /** The memory of a process and its children, what they share counted once, in megabytes. */
  static double residentMegabytesWithChildren(long pid) {
    var all = new ArrayList<>(children(pid));
    all.add(pid);
    return all.stream()
            .mapToDouble(
                each ->
                    kilobytes(PROC.resolve(Long.toString(each)).resolve("smaps_rollup"), "Pss:"))
            .sum()
        / 1024;
  }

  static List<Long> children(long pid) {
    return ProcessHandle.of(pid).stream()
        .flatMap(ProcessHandle::children)
        .map(ProcessHandle::pid)
        .toList();
  }

  /** The sum of some fields of a {@code stat} file, counted after the name in parentheses. */
  private static double ticks(Path stat, int first, int count) {
    String text = read(stat);
    if (text.isEmpty()) return 0;
    String[] fields = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
    double sum = 0;
    for (int i = first; i < first + count; i++) sum += Double.parseDouble(fields[i]);
    return sum;
  }

  private static double kilobytes(Path file, String name) {
    return read(file)
        .lines()
        .filter(line -> line.startsWith(name))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
        .sum();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      // It has ended, or this is not Linux.
      return "";
    }
  }

  private static List<Path> list(Path directory) {
    var paths = new ArrayList<Path>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(paths::add);
    } catch (IOException e) {
      // It has ended, or this is not Linux.
    }
    return paths;
  }
}
