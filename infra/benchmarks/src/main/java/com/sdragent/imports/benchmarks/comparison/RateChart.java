package com.sdragent.imports.benchmarks.comparison;

import java.util.List;
import java.util.Locale;

/** Rates as bars, by figure: a bar is as long as its share of the figure's highest rate. */
final class RateChart {
  private static final int WIDTH = 860;
  private static final int LEFT = 190;
  private static final int LONGEST = 520;
  private static final int BAR = 16;
  private static final int GAP = 22;
  private static final List<Figure> SHOWN =
      List.of(Figure.POST, Figure.PUT, Figure.GET, Figure.GET_BESIDE_WRITES, Figure.LIST);

  private RateChart() {}

  /** The chart as SVG that reads on a light and on a dark page. */
  static String of(Results results) {
    var body = new StringBuilder();
    int y = 10;
    for (Figure figure : SHOWN) {
      List<String> names =
          results.titles.keySet().stream()
              .filter(name -> results.rate(name, figure) != null)
              .toList();
      if (names.isEmpty()) continue;
      double highest =
          names.stream().mapToDouble(name -> median(results, name, figure)).max().orElseThrow();
      y += GAP;
      body.append(
          String.format(
              Locale.ROOT,
              "<text x=\"10\" y=\"%d\" class=\"figure\">%s, answers/s</text>%n",
              y,
              figure.title()));
      y += 8;
      for (String name : names) {
        double rate = median(results, name, figure);
        long length = Math.max(1, Math.round(rate / Math.max(1, highest) * LONGEST));
        boolean own = name.equals(Results.SERVICE);
        body.append(
            String.format(
                Locale.ROOT,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
                    + "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" class=\"%s\"/>"
                    + "<text x=\"%d\" y=\"%d\">%,.0f</text>%n",
                LEFT - 8,
                y + 12,
                own ? "this service" : name,
                LEFT,
                y,
                length,
                BAR - 3,
                own ? "own" : "other",
                LEFT + length + 6,
                y + 12,
                rate));
        y += BAR;
      }
    }
    return String.format(
        Locale.ROOT,
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="12">
        <style>text{fill:#57606a}.figure{font-weight:bold}.other{fill:#8c959f}.own{fill:#2da44e}
        @media (prefers-color-scheme:dark){text{fill:#b1bac4}}</style>
        %s</svg>
        """,
        WIDTH,
        y + 12,
        body);
  }

  private static double median(Results results, String name, Figure figure) {
    Spread rate = results.rate(name, figure);
    return rate == null ? 0 : rate.median();
  }
}
