// Reads every query of the board and of the alerts with Prometheus' own grammar, and names those that it does not take.
import { readFileSync } from "node:fs";
import { parser } from "@prometheus-io/lezer-promql";

const board = JSON.parse(readFileSync("../deploy/grafana/dashboard.json", "utf8"));
const queries = board.panels.flatMap((panel) =>
  (panel.targets ?? []).map((target) => [panel.title, target.expr.replaceAll("$__rate_interval", "1m")]));
const alerts = readFileSync("../deploy/prometheus/alerts.yaml", "utf8");
for (const [, name, expr] of alerts.matchAll(/- alert: (\w+)\n\s+expr: '([^']+)'/g)) queries.push([name, expr]);
if (queries.length < 2 || alerts.match(/- alert:/g).length > queries.length) throw new Error("There are queries that were not read");

let wrong = 0;
for (const [where, query] of queries) {
  parser.parse(query).iterate({
    enter(node) {
      if (!node.type.isError) return;
      wrong++;
      console.error(`${where}: not PromQL at ${node.from}: ${query}`);
    },
  });
}
if (wrong > 0) process.exit(1);
console.log(`${queries.length} queries are PromQL.`);
