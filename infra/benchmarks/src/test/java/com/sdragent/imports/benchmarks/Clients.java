package com.sdragent.imports.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Clients that act at the same time. */
final class Clients {
  private Clients() {}

  /** What one client does. */
  interface Client<T> {
    T act(int number) throws Exception;
  }

  /** Lets them act and returns what each says, in their order, or throws what one threw. */
  static <T> List<T> act(int count, Client<T> client) throws InterruptedException {
    try (var threads = Executors.newFixedThreadPool(count)) {
      var acting = new ArrayList<Future<T>>();
      for (int i = 0; i < count; i++) {
        int number = i;
        acting.add(threads.submit(() -> client.act(number)));
      }
      var results = new ArrayList<T>();
      for (Future<T> one : acting) results.add(one.get());
      return results;
    } catch (ExecutionException e) {
      throw new AssertionError("A client failed", e.getCause());
    }
  }
}
