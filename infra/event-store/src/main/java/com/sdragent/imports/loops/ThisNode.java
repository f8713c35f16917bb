package com.sdragent.imports.loops;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How operators tell this process from the others: a name that says nothing of where it runs. */
public final class ThisNode implements MeterBinder {
  private static final Logger log = LoggerFactory.getLogger(ThisNode.class);
  private static final String NAME =
      "node-" + HexFormat.of().toHexDigits(new SecureRandom().nextInt());

  /** Says in the log which one it is. */
  public ThisNode() {
    log.info("This process is {}", NAME);
  }

  /** Its name, by chance and for as long as the process lasts. */
  public static String name() {
    return NAME;
  }

  /** So that a name leads to the machine that the metrics come from. */
  @Override
  public void bindTo(MeterRegistry metrics) {
    Gauge.builder("imports.node.info", () -> 1)
        .description("Always 1; the label is what the status routes call this node")
        .tag("node", NAME)
        .register(metrics);
  }
}
