package com.sdragent.imports.telemetry;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.data.LinkData;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingResult;
import java.util.List;

/**
 * Records what is done for several requests at once when one of them is recorded, and leaves all
 * else to another sampler.
 */
final class LinkedSampler implements Sampler {
  private final Sampler other;

  LinkedSampler(Sampler other) {
    this.other = other;
  }

  @Override
  public SamplingResult shouldSample(
      Context parent,
      String traceId,
      String name,
      SpanKind kind,
      Attributes attributes,
      List<LinkData> links) {
    for (LinkData link : links) {
      if (link.getSpanContext().isSampled()) return SamplingResult.recordAndSample();
    }
    return other.shouldSample(parent, traceId, name, kind, attributes, links);
  }

  @Override
  public String getDescription() {
    return "Linked, or " + other.getDescription();
  }
}
