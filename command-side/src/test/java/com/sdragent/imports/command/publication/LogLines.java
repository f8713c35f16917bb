package com.sdragent.imports.command.publication;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/** What the service and its Kafka clients log meanwhile. */
final class LogLines extends AppenderBase<ILoggingEvent> implements AutoCloseable {
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
  private final Logger publication = (Logger) LoggerFactory.getLogger(Relay.class.getPackageName());

  private LogLines() {}

  static LogLines recorded() {
    var lines = new LogLines();
    lines.publication.setLevel(Level.INFO);
    lines.start();
    lines.root.addAppender(lines);
    return lines;
  }

  void clear() {
    events.clear();
  }

  /** Level and text of each line of the publication and of the clients that it uses. */
  List<String> ofTheService() {
    var lines = new ArrayList<String>();
    for (ILoggingEvent event : events) {
      String logger = event.getLoggerName();
      if (!logger.startsWith("com.sdragent.imports")
          && !logger.startsWith("org.apache.kafka.clients")) {
        continue;
      }
      String trace = event.getThrowableProxy() == null ? "" : " with a stack trace";
      lines.add(event.getLevel() + " " + event.getFormattedMessage() + trace);
    }
    return lines;
  }

  @Override
  protected void append(ILoggingEvent event) {
    events.add(event);
  }

  @Override
  public void close() {
    root.detachAppender(this);
    publication.setLevel(null);
    stop();
  }
}
