// The objective of each trial in the order in which they were asked for, with the best so far.

import { around, axis, brushed, COLOURS, pointsOf, trials } from "browser/plots.js";
import { column, deviation, objective } from "browser/trials.js";
import { filtered } from "browser/selection.js";

export const title = "History";

export function drawing({ search, state, rows, change }) {
  const score = objective(search), order = column(search, "n");
  const ordered = [...rows].sort((a, b) => order.value(a) - order.value(b));
  const known = ordered.filter((it) => score.value(it) !== null);
  const better = score.better === "max" ? (a, b) => a > b : (a, b) => a < b;
  const steps = bestSoFar(known, score, better);
  const spread = known.map((it) => deviation(it, search.objective));
  const repeated = spread.some((it) => it !== null);
  const points = {
    type: pointsOf(known.length), mode: "markers", name: "trial", marker: { color: COLOURS[0], size: 7 },
    ...(repeated ? { error_y: { type: "data", array: spread.map((it) => it ?? 0), thickness: 1, width: 3, color: COLOURS[4] } } : {}),
    x: known.map(order.value), y: known.map(score.value), customdata: known.map((it) => it.id),
    text: known.map((it) => `trial ${it.id}: ${score.told(it)}`), hoverinfo: "text",
  };
  const best = {
    type: "scatter", mode: "lines", name: "best so far", line: { shape: "hv", color: COLOURS[1], width: 2 },
    x: steps.map((it) => order.value(it)), y: steps.map(score.value), hoverinfo: "skip",
  };
  if (steps.length) {
    best.x.push(Math.max(...known.map(order.value).slice(-1)));
    best.y.push(best.y.at(-1));
  }
  return {
    title, traces: [points, best], sentence: sentence(ordered, known, steps, score) +
      (repeated ? " Bars: the standard deviation over a trial's runs." : ""),
    layout: { xaxis: { title: { text: "trial, in the order of the search" } }, yaxis: { ...axis(score), ...around(score, known.map(score.value)) }, dragmode: "select" },
    on: {
      plotly_click: (event) => event.points[0].customdata && change({ open: event.points[0].customdata }),
      plotly_selected: (event) => event?.range && change({
        ...filtered({ ...state, ...filtered(state, "n", brushed(order, event.range.x)) }, score.key,
          brushed(score, event.range.y)),
      }),
      plotly_deselect: () => change(filtered({ ...state, ...filtered(state, "n") }, score.key)),
    },
  };
}

function bestSoFar(known, score, better) {
  const steps = [];
  for (const trial of known) {
    if (!steps.length || better(score.value(trial), score.value(steps.at(-1)))) steps.push(trial);
  }
  return steps;
}

function sentence(ordered, known, steps, score) {
  if (!known.length) return "No trial that is shown has a score.";
  const first = steps[0], last = steps.at(-1);
  const lost = ordered.length - known.length;
  const without = lost ? ` ${trials(lost)} ${lost === 1 ? "has" : "have"} no score.` : "";
  const way = steps.length === 1
    ? `the first, ${first.id}, was never bettered: ${score.told(first)}`
    : `the best ${score.label} so far went from ${score.told(first)} (${first.id}) to ${score.told(last)} (${last.id})`;
  return `Over ${trials(known.length)}, ${way}.${without} Drag to choose trials; press on a point to open its trial.`;
}
