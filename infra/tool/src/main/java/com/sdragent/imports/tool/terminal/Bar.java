package com.sdragent.imports.tool.terminal;

import java.io.Console;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;

/** How far something is, for people at a terminal; nothing is shown elsewhere. */
public final class Bar implements AutoCloseable {
  private final UnaryOperator<ProgressBarBuilder> screen;
  private final @Nullable ProgressBar bar;
  private @Nullable ProgressBar silence;

  private Bar(UnaryOperator<ProgressBarBuilder> screen, @Nullable ProgressBar bar) {
    this.screen = screen;
    this.bar = bar;
  }

  /**
   * Shows a bar, if somebody can see it.
   *
   * @param unit what is counted, such as {@code events}
   * @param most how many there are
   */
  public static Bar open(String task, String unit, long most, JsonOption format) {
    UnaryOperator<ProgressBarBuilder> screen = ProgressBarBuilder::clearDisplayOnFinish;
    boolean shown = !format.isChosen() && isTerminal();
    return new Bar(screen, shown ? screen.apply(builder(task, unit, most)).build() : null);
  }

  /** A bar whose lines somebody else shows. */
  public static Bar onto(Consumer<String> lines, String task, String unit, long most) {
    UnaryOperator<ProgressBarBuilder> screen =
        builder -> builder.setConsumer(new DelegatingProgressBarConsumer(lines));
    return new Bar(screen, screen.apply(builder(task, unit, most)).build());
  }

  private static ProgressBarBuilder builder(String task, String unit, long most) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setUnit(" " + unit, 1)
        .showSpeed()
        .setInitialMax(most);
  }

  @SuppressWarnings("SystemConsoleNull") // It is null again without a terminal from JDK 25 on.
  private static boolean isTerminal() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  /** Shows how many are done. */
  public void at(long done) {
    if (silence != null) silence.close();
    silence = null;
    if (bar != null) bar.stepTo(Math.max(0, done));
  }

  /** Shows how many are done, and of how many. */
  public void at(long done, long most) {
    if (bar != null) bar.maxHint(most);
    at(done);
  }

  /** Shows a few words beside the bar. */
  public void say(String words) {
    if (bar != null) bar.setExtraMessage(" " + Printable.printable(words));
  }

  /** Shows, by a bar of its own, how long whoever does the work has not answered. */
  public void noAnswerFor(Duration time, Duration patience) {
    if (bar == null) return;
    ProgressBar shown = silence;
    if (shown == null) {
      shown = screen.apply(builder("No answer", "s", patience.toSeconds())).build();
      silence = shown;
    }
    shown.stepTo(time.toSeconds());
  }

  @Override
  public void close() {
    if (silence != null) silence.close();
    if (bar != null) bar.close();
  }
}
