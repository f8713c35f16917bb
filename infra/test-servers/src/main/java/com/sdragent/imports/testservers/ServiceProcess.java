package com.sdragent.imports.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A node of the service: an operating-system process that can be asked, frozen and killed. */
public final class ServiceProcess implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(90);

  private final Process process;
  private final int port;
  private final Path output;

  private ServiceProcess(Process process, int port, Path output) {
    this.process = process;
    this.port = port;
    this.output = output;
  }

  /**
   * Starts an executable jar and returns at once.
   *
   * @param jvm options of the virtual machine, such as {@code -Xmx256m}
   * @param settings Spring properties; without {@code server.port} a free one is taken
   * @param output the file to which its output is appended
   */
  public static ServiceProcess start(
      Path jar, List<String> jvm, Map<String, String> settings, Path output) {
    String wanted = settings.get("server.port");
    int port = wanted == null ? freePort() : Integer.parseInt(wanted);
    var command = new ArrayList<String>();
    command.add(java());
    command.addAll(jvm);
    Collections.addAll(command, "-jar", ExtractedJar.of(jar).toString());
    var properties = new TreeMap<>(settings);
    properties.put("server.port", Integer.toString(port));
    properties.forEach((name, value) -> command.add("--" + name + "=" + value));
    try {
      Files.createDirectories(output.toAbsolutePath().getParent());
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
              .start();
      return new ServiceProcess(process, port, output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The program that runs this virtual machine. */
  public static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  /** Waits until the node says that it is ready. */
  public ServiceProcess awaitReady() {
    URI readiness = URI.create(url() + "/actuator/health/readiness");
    long deadline = System.nanoTime() + READY_WITHIN.toNanos();
    try (var client = HttpClient.newHttpClient()) {
      while (System.nanoTime() < deadline && process.isAlive()) {
        var request = HttpRequest.newBuilder(readiness).timeout(Duration.ofSeconds(2)).build();
        try {
          if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) return this;
        } catch (IOException e) {
          // The node does not listen yet.
        }
        LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new IllegalStateException("The service did not become ready: see " + output);
  }

  /** The root address of the node. */
  public String url() {
    return "http://localhost:" + port;
  }

  public int port() {
    return port;
  }

  public long pid() {
    return process.pid();
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** The node's output up to now, with everything that was in its file before. */
  public String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills the node by {@code kill -9}: it gets no chance to finish anything. */
  public void kill() {
    process.destroyForcibly();
    awaitExit();
  }

  /** Sends the node a signal by its name, such as {@code STOP} or {@code CONT}. */
  public void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Asks the node to finish the accepted work and end. */
  @Override
  public void close() {
    process.destroy();
    awaitExit();
  }

  /** Waits until the node has ended, after at most a minute by force, and returns its exit code. */
  public int awaitExit() {
    try {
      if (process.waitFor(60, TimeUnit.SECONDS)) return process.exitValue();
      return process.destroyForcibly().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
  }

  /** A port of the loopback interface that nobody listens on. */
  public static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
