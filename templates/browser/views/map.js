// Two hyper-parameters at once: where on their plane the objective is good.

import { axis, brushed, coordinate, scale, trials } from "browser/plots.js";
import { objective, parametersOf } from "browser/trials.js";
import { filtered } from "browser/selection.js";

export const title = "Two hyper-parameters";

// The axes that can be chosen, and those that are.
export function choices({ search, state }) {
  const varied = parametersOf(search).filter((it) => it.varies);
  const [first, second] = [varied.find((it) => it.key === state.x) ?? varied[0]];
  const others = varied.filter((it) => it !== first);
  return { varied, x: first, y: others.find((it) => it.key === state.y) ?? second ?? others[0] };
}

export function drawing(context) {
  const { search, state, rows, change } = context;
  const { x, y } = choices(context), score = objective(search);
  if (!x || !y) return { title, traces: [], sentence: "Fewer than two hyper-parameters differ between the trials." };
  const known = rows.filter((it) => score.value(it) !== null);
  const spread = overlapping(known, x, y);
  return {
    title, height: 440,
    traces: [{
      type: "scatter", mode: "markers", x: known.map((it) => coordinate(x, it)), y: known.map((it) => coordinate(y, it)),
      customdata: known.map((it) => it.id), hoverinfo: "text",
      text: known.map((it) => `trial ${it.id}: ${x.told(it)}, ${y.told(it)}: ${score.told(it)}`),
      marker: {
        size: spread, sizemode: "diameter", symbol: "circle", opacity: 0.85, line: { width: 1, color: "#888" },
        color: known.map(score.value), colorscale: scale(), reversescale: score.better !== "max", showscale: true,
        colorbar: { title: { text: score.label }, thickness: 12, tickformat: score.fraction ? ".1%" : "" },
      },
    }],
    layout: { xaxis: axis(x), yaxis: axis(y), dragmode: "select", showlegend: false },
    sentence: `${trials(known.length)} by ${x.label} and ${y.label}; the colour is the ${score.label}, ` +
      "larger rings hold more trials at one place. Drag to choose trials.",
    on: {
      plotly_click: (event) => change({ open: event.points[0].customdata }),
      plotly_selected: (event) => event?.range && change(
        filtered({ ...state, ...filtered(state, x.key, brushed(x, event.range.x)) }, y.key, brushed(y, event.range.y))),
      plotly_deselect: () => change(filtered({ ...state, ...filtered(state, x.key) }, y.key)),
    },
  };
}

// Trials at one place are drawn as rings within one another.
function overlapping(known, x, y) {
  const seen = new Map();
  const place = (it) => JSON.stringify([x.value(it), y.value(it)]);
  for (const it of known) seen.set(place(it), (seen.get(place(it)) ?? 0) + 1);
  return known.map((it) => {
    const left = seen.get(place(it));
    seen.set(place(it), left - 1);
    return 10 + Math.min(6 * (left - 1), 40);
  });
}
