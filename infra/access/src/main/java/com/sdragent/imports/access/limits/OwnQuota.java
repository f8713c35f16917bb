package com.sdragent.imports.access.limits;

import com.sdragent.imports.access.limits.LimitProperties.Limit;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;

/** A bucket in this process. */
final class OwnQuota implements Quota {
  private final Limit limit;
  private final Bucket bucket;

  OwnQuota(Limit limit, TimeMeter clock) {
    this.limit = limit;
    bucket =
        Bucket.builder()
            .addLimit(
                rule -> rule.capacity(limit.most()).refillGreedy(limit.most(), limit.window()))
            .withCustomTimePrecision(clock)
            .build();
  }

  @Override
  public Taken take() {
    ConsumptionProbe taken = bucket.tryConsumeAndReturnRemaining(1);
    long left = taken.getRemainingTokens();
    long toNext = taken.isConsumed() ? toNext(taken, left) : taken.getNanosToWaitForRefill();
    return new Taken(taken.isConsumed(), left, toNext);
  }

  /** The time until the bucket is full, without that of all requests but the next. */
  private long toNext(ConsumptionProbe taken, long left) {
    long others = limit.most() - 1 - left;
    return taken.getNanosToWaitForReset() - Math.round(others * limit.nanosPerRequest());
  }

  @Override
  public void giveBack() {
    bucket.addTokens(1);
  }
}
