// How a score is distributed over the trials shown.

import { axis, COLOURS, trials } from "browser/plots.js";
import { objective } from "browser/trials.js";
import { filtered } from "browser/selection.js";

export const title = "Distribution";

export function drawing({ search, state, rows, change }) {
  const score = objective(search);
  const known = rows.map(score.value).filter((it) => it !== null).sort((a, b) => a - b);
  const bins = Math.min(40, Math.max(8, Math.round(Math.sqrt(known.length))));
  const middle = known.length ? (known[Math.floor((known.length - 1) / 2)] + known[Math.ceil((known.length - 1) / 2)]) / 2 : null;
  return {
    title,
    traces: [{ type: "histogram", x: known, nbinsx: bins, marker: { color: COLOURS[0] } }],
    layout: { xaxis: axis({ ...score, log: false }), yaxis: { title: { text: "trials" }, ...(known.length < 12 ? { dtick: 1 } : {}) }, bargap: 0.03, showlegend: false, dragmode: "select", selectdirection: "h" },
    sentence: known.length
      ? `The ${score.label} of ${trials(known.length)}: from ${score.words(known[0])} to ${score.words(known.at(-1))}, median ${score.words(middle)}. Drag to choose trials.`
      : "No trial that is shown has a score.",
    on: {
      plotly_selected: (event) => event?.range?.x && change(filtered(state, score.key, { ranges: [[...event.range.x].sort((a, b) => a - b)] })),
      plotly_deselect: () => change(filtered(state, score.key)),
    },
  };
}
