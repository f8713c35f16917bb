package com.sdragent.imports.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sdragent.imports.testservers.CommittedRecords;
import com.sdragent.imports.testservers.GeneratedEvents;
import com.sdragent.imports.testservers.StoppableKafka;
import com.sdragent.imports.testservers.TestKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** How fast events are published, beside what Kafka's own producer does on the same machine. */
@Tag("soak")
class PublishingRateIT {
  private static final int EVENTS = 400_000;
  private static final int CLIENTS = 16;

  @Test
  void catching_up_is_measured_beside_kafkas_own_performance_test() throws Exception {
    try (var cluster = new Cluster(1, 0, Map.of())) {
      double relay = catchUp(cluster, EVENTS);
      int bytes = sizeOfARecord(cluster);
      double kafka = producerPerformance(bytes);
      System.out.printf(
          "Catching up: %,.0f events/s, and a state for every fourth. Kafka's own producer,"
              + " transactional, acks=all, records of %s bytes: %,.0f records/s. Ratio %.2f%n",
          relay, bytes, kafka, relay / kafka);
      assertThat(relay).isPositive();
    }
  }

  @Test
  void a_broker_that_flushes_every_record_to_disk_is_measured_too() throws Exception {
    double[] rates = new double[2];
    for (int i = 0; i < 2; i++) {
      Map<String, String> settings = i == 0 ? Map.of() : Map.of("log.flush.interval.messages", "1");
      try (var kafka = StoppableKafka.running(settings);
          var cluster =
              new Cluster(
                  1, 0, Map.of("spring.kafka.bootstrap-servers", kafka.bootstrapServers()))) {
        rates[i] = catchUp(cluster, EVENTS / 4);
      }
    }
    System.out.printf(
        "Catching up: %,.0f events/s, with every record flushed %,.0f events/s. Ratio %.2f%n",
        rates[0], rates[1], rates[1] / rates[0]);
  }

  @Test
  void the_time_from_the_answer_to_readable_at_half_load() throws Exception {
    try (var cluster = new Cluster(1, 0, Map.of());
        var client = new ImportsClient(Cluster.KEY, CLIENTS)) {
      new PublishingNodes(cluster, client).awaitActive();
      createFor(Duration.ofSeconds(40), client, cluster, 0, new ConcurrentHashMap<>());
      double most =
          createFor(Duration.ofSeconds(15), client, cluster, 0, new ConcurrentHashMap<>());
      var answered = new ConcurrentHashMap<String, Long>();
      var readable = new ConcurrentHashMap<String, Long>();
      var done = new AtomicBoolean();
      var begun = new CountDownLatch(1);
      Thread consumer = Thread.ofPlatform().start(() -> consume(cluster, readable, begun, done));
      begun.await();
      double half = createFor(Duration.ofSeconds(30), client, cluster, most / 2, answered);
      Audit.await("all are readable", () -> readable.keySet().containsAll(answered.keySet()));
      done.set(true);
      consumer.join();
      long[] nanos =
          answered.entrySet().stream()
              .mapToLong(
                  one -> Math.max(0, readable.getOrDefault(one.getKey(), 0L) - one.getValue()))
              .sorted()
              .toArray();
      System.out.printf(
          "From the answer to readable: median %.1f ms, 99th percentile %.1f ms at %,.0f of %,.0f"
              + " creations/s%n",
          nanos[nanos.length / 2] / 1e6, nanos[nanos.length * 99 / 100] / 1e6, half, most);
    }
  }

  /** Events a second, once the virtual machine is warm. */
  private static double catchUp(Cluster cluster, int events) throws Exception {
    try (var client = new ImportsClient(Cluster.KEY, 1)) {
      var nodes = new PublishingNodes(cluster, client);
      nodes.awaitActive();
      GeneratedEvents.append(cluster.database, Cluster.ORGANIZATION, events / 4, 4);
      Audit.await("half", () -> nodes.position(0) >= events / 2);
      long begun = System.nanoTime();
      long first = nodes.position(0);
      Audit.await("all", () -> pausedPosition(nodes) >= events);
      return (events - first) * 1e9 / (System.nanoTime() - begun);
    }
  }

  /** Asking costs as well. */
  private static long pausedPosition(PublishingNodes nodes) {
    LockSupport.parkNanos(20_000_000);
    return nodes.position(0);
  }

  private static int sizeOfARecord(Cluster cluster) {
    List<ConsumerRecord<String, byte[]>> records =
        CommittedRecords.of(cluster.kafka(), cluster.eventsTopic, EVENTS, Duration.ofMinutes(2));
    long bytes = 0;
    for (var record : records) {
      bytes += record.serializedKeySize() + record.serializedValueSize();
      for (var header : record.headers()) bytes += header.key().length() + header.value().length;
    }
    return (int) (bytes / records.size());
  }

  private static double producerPerformance(int bytes) throws Exception {
    String topic = "performance-" + UUID.randomUUID();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
      admin.createTopics(List.of(new NewTopic(topic, 6, (short) 1))).all().get();
    }
    Path output = Files.createTempFile("producer-performance", ".txt");
    new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            "org.apache.kafka.tools.ProducerPerformance",
            "--topic",
            topic,
            "--num-records",
            Integer.toString(EVENTS),
            "--record-size",
            Integer.toString(bytes),
            "--throughput",
            "-1",
            "--transactional-id",
            topic,
            "--transaction-duration-ms",
            "20",
            "--producer-props",
            "bootstrap.servers=" + TestKafka.bootstrapServers(),
            "acks=all")
        .redirectOutput(output.toFile())
        .redirectErrorStream(true)
        .start()
        .waitFor();
    Matcher last =
        Pattern.compile(EVENTS + " records sent, ([0-9.]+) records/sec")
            .matcher(Files.readString(output, UTF_8));
    if (!last.find()) throw new AssertionError("No result: see " + output);
    return Double.parseDouble(last.group(1));
  }

  /**
   * Creates imports, as many a second as said, or as many as go when it is 0.
   *
   * @return how many a second
   */
  private static double createFor(
      Duration length,
      ImportsClient client,
      Cluster cluster,
      double perSecond,
      Map<String, Long> answered)
      throws InterruptedException {
    long begun = System.nanoTime();
    long end = begun + length.toNanos();
    var turns = new AtomicLong();
    Clients.act(
        CLIENTS,
        number -> {
          while (System.nanoTime() < end) {
            long turn = turns.getAndIncrement();
            if (perSecond > 0) {
              long due = begun + (long) (turn / perSecond * 1e9);
              if (due > end) break;
              while (System.nanoTime() < due) LockSupport.parkNanos(due - System.nanoTime());
            }
            var created = client.send("POST", cluster.commands(0), "{\"source\":\"csv_upload\"}");
            long at = System.nanoTime();
            answered.put(created.json().get("id").stringValue(), at);
          }
          return number;
        });
    return answered.size() / (length.toNanos() / 1e9);
  }

  private static void consume(
      Cluster cluster, Map<String, Long> readable, CountDownLatch begun, AtomicBoolean done) {
    Map<String, Object> settings =
        Map.of("bootstrap.servers", cluster.kafka(), "isolation.level", "read_committed");
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor(cluster.eventsTopic).stream()
              .map(one -> new TopicPartition(one.topic(), one.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      for (TopicPartition partition : partitions) consumer.position(partition);
      begun.countDown();
      while (!done.get()) {
        var records = consumer.poll(Duration.ofMillis(100));
        long at = System.nanoTime();
        records.forEach(record -> readable.put(record.key(), at));
      }
    }
  }
}
