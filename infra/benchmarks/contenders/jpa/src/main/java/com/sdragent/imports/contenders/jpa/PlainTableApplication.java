package com.sdragent.imports.contenders.jpa;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** One table, its repository and a controller, with Spring Boot's defaults. */
@SpringBootApplication
public class PlainTableApplication {
  public static void main(String[] args) {
    SpringApplication.run(PlainTableApplication.class, args);
  }
}
