package com.sdragent.imports.benchmarks.comparison;

/** What is measured of each contender that can do it, in the order of a round. */
enum Figure {
  POST("POST"),
  PUT("PUT"),
  GET("GET by id"),
  GET_BESIDE_WRITES("GET by id beside 500 writes/s"),
  LIST("list of 50"),
  SUMMARY("summary"),
  FEED("feed, a page of 50 events");

  /** How many writes a second go on beside {@link #GET_BESIDE_WRITES}. */
  static final int WRITES = 500;

  private final String title;

  Figure(String title) {
    this.title = title;
  }

  String title() {
    return title;
  }
}
