package com.sdragent.imports.benchmarks.comparison;

import com.sdragent.imports.benchmarks.ImportsClient;
import com.sdragent.imports.benchmarks.ImportsClient.Answer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * How long after its answer a write is in the list, and readable in Kafka by those who read what is
 * committed. Some imports are created one after the other beside the load, and looked for.
 */
final class Delays {
  private static final String TOPIC = "imports.events";
  private static final Duration EVERY = Duration.ofMillis(15);
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(30);

  /** Microseconds from the answer to the answer of the list that has the import. */
  final Histogram visible = new Histogram(3);

  /** Microseconds from the answer until a consumer has the event; 0 when it came before. */
  final Histogram published = new Histogram(3);

  private final Map<String, Long> arrivals = new ConcurrentHashMap<>();
  private final Map<String, Long> answers = new HashMap<>();
  private final CountDownLatch listening = new CountDownLatch(1);
  private volatile boolean done;

  /**
   * Measures beside the load.
   *
   * @param load runs meanwhile and ends
   */
  Delays(String url, String key, String kafkaServers, Runnable load) {
    var consuming = CompletableFuture.runAsync(() -> consume(kafkaServers), Delays::start);
    try {
      listening.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", e);
    }
    var loading = CompletableFuture.runAsync(load, Delays::start);
    try (var client = new ImportsClient(key, 1)) {
      for (int n = 0; !loading.isDone(); n++) {
        probe(client, url, "probe_" + System.nanoTime() + "_" + n);
        LockSupport.parkNanos(EVERY.toNanos());
      }
    } finally {
      loading.join();
      awaitArrivals();
      done = true;
      consuming.join();
    }
    answers.forEach(
        (id, answered) -> {
          Long arrived = arrivals.get(id);
          if (arrived != null) published.recordValue(Math.max(0, (arrived - answered) / 1000));
        });
  }

  /** Each in a thread of its own: the pool that all share has a single one on two cores. */
  static void start(Runnable task) {
    new Thread(task, "comparison").start();
  }

  /** How many imports were never found in Kafka. */
  long unpublished() {
    return answers.keySet().stream().filter(id -> !arrivals.containsKey(id)).count();
  }

  private void probe(ImportsClient client, String url, String source) {
    Answer created = client.send("POST", url + "/imports/", "{\"source\":\"" + source + "\"}");
    long answered = System.nanoTime();
    if (created.status() != 201) throw new IllegalStateException(created.body());
    String id = created.json().get("id").stringValue();
    answers.put(id, answered);
    Answer list;
    do {
      if (System.nanoTime() - answered > FOUND_WITHIN.toNanos()) {
        throw new IllegalStateException("The list does not have " + created.body());
      }
      list = client.send("GET", url + "/imports/?limit=50&source=" + source, null);
    } while (!list.body().contains(id));
    visible.recordValue((System.nanoTime() - answered) / 1000);
  }

  private void awaitArrivals() {
    long end = System.nanoTime() + FOUND_WITHIN.toNanos();
    while (unpublished() > 0 && System.nanoTime() < end) {
      LockSupport.parkNanos(EVERY.toNanos());
    }
  }

  private void consume(String servers) {
    var settings = new Properties();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
    settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
      Collection<TopicPartition> partitions =
          consumer.partitionsFor(TOPIC).stream()
              .map(info -> new TopicPartition(info.topic(), info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToEnd(partitions);
      partitions.forEach(consumer::position);
      listening.countDown();
      while (!done) {
        for (ConsumerRecord<String, byte[]> event : consumer.poll(Duration.ofMillis(100))) {
          arrivals.putIfAbsent(event.key(), System.nanoTime());
        }
      }
    } finally {
      listening.countDown();
    }
  }
}
