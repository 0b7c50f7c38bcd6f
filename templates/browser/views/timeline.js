// When each run was trained, in lanes in which no two overlap; what an earlier build had trained apart.

import { COLOURS } from "browser/plots.js";
import { duration, plural } from "browser/trials.js";

export const title = "Timeline";

export function drawing({ search, rows, change, began }) {
  const runs = rows.flatMap((trial) => trial.attempts.filter((it) => it.finished_at && it.seconds !== null)
    .map((it) => ({ trial, run: it, end: Date.parse(it.finished_at), start: Date.parse(it.finished_at) - 1000 * it.seconds })));
  if (!runs.length) return { title, traces: [], sentence: "When these runs were trained is not known." };
  runs.sort((a, b) => a.start - b.start);
  const lanes = packed(runs);
  const replayed = (it) => began && it.end < Date.parse(began);
  const bars = (name, colour, found) => ({
    type: "bar", orientation: "h", name, marker: { color: colour, line: { width: 1, color: "#fff" } },
    base: found.map((it) => new Date(it.start)), x: found.map((it) => it.end - it.start),
    y: found.map((it) => it.lane), customdata: found.map((it) => it.trial.id), hoverinfo: "text", textposition: "none",
    text: found.map((it) => `trial ${it.trial.id}, seed ${it.run.seed}: ${duration(it.run.seconds)}`),
  });
  const fresh = runs.filter((it) => !replayed(it)), kept = runs.filter(replayed);
  const traces = [
    ...(fresh.length ? [bars("trained by this build", COLOURS[0], fresh)] : []),
    ...(kept.length ? [bars("trained before, taken from the store", COLOURS[5], kept)] : []),
  ];
  const total = runs.reduce((sum, it) => sum + it.run.seconds, 0);
  return {
    title, traces, height: 120 + 40 * lanes,
    layout: {
      barmode: "overlay", xaxis: { type: "date", title: { text: "time" } }, showlegend: true,
      yaxis: { title: { text: "lane" }, dtick: 1, autorange: "reversed" },
    },
    sentence: `${plural(runs.length, "run")}, ${duration(total)} of training; at most ${lanes} at once. ` +
      `A lane holds what was trained one after another. ${kept.length ? `${plural(kept.length, "run")} of these ${kept.length === 1 ? "was" : "were"} taken from the store.` : ""}`,
    on: { plotly_click: (event) => change({ open: event.points[0].customdata }) },
  };
}

// Give each run the first lane that is free when it starts; return how many lanes there are.
function packed(runs) {
  const free = [];
  for (const run of runs) {
    let lane = free.findIndex((end) => end <= run.start + 500); // the store writes within half a second
    if (lane < 0) lane = free.length;
    free[lane] = run.end;
    run.lane = lane + 1;
  }
  return free.length;
}
