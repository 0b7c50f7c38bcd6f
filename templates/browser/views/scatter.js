// A scatter of the objective for each hyper-parameter that varies.

import { axis, brushed, COLOURS, coordinate, pointsOf, trials } from "browser/plots.js";
import { objective, parametersOf } from "browser/trials.js";
import { filtered, bestFirst } from "browser/selection.js";

export const title = "Each hyper-parameter";

export function drawing({ search, state, rows, change }) {
  const varied = parametersOf(search).filter((it) => it.varies), score = objective(search);
  const known = rows.filter((it) => score.value(it) !== null);
  if (!varied.length) return { title, traces: [], sentence: "No hyper-parameter differs between the trials." };
  const across = Math.min(varied.length, window.innerWidth < 700 ? 1 : 3);
  const down = Math.ceil(varied.length / across);
  const layout = {
    grid: { rows: down, columns: across, pattern: "independent", ygap: 0.35 }, showlegend: false, dragmode: "select",
  };
  const traces = varied.map((it, index) => {
    const number = index ? index + 1 : "";
    layout[`xaxis${number}`] = axis(it);
    layout[`yaxis${number}`] = { ...axis(score, index % across ? "" : score.label) };
    return {
      type: pointsOf(known.length), mode: "markers", marker: { color: COLOURS[0], size: 7, opacity: 0.75 },
      xaxis: `x${number}`, yaxis: `y${number}`, customdata: known.map((trial) => trial.id),
      x: known.map((trial) => coordinate(it, trial)), y: known.map(score.value),
      text: known.map((trial) => `trial ${trial.id}: ${it.told(trial)}, ${score.told(trial)}`), hoverinfo: "text",
    };
  });
  return {
    title, traces, layout, height: 60 + 290 * down, sentence: sentence(search, known, varied, score),
    on: {
      plotly_click: (event) => change({ open: event.points[0].customdata }),
      plotly_selected: (event) => event?.range && chosen(event.range, varied, score, state, change),
      plotly_deselect: () => change(varied.reduce(
        (patch, it) => ({ ...patch, ...filtered({ ...state, ...patch }, it.key) }), filtered(state, score.key))),
    },
  };
}

// The rectangle's axes are named as those it was drawn on: x, x2, x3.
function chosen(range, varied, score, state, change) {
  let patch = {};
  for (const [name, span] of Object.entries(range)) {
    const it = name.startsWith("y") ? score : varied[Number(name.slice(1) || 1) - 1];
    patch = filtered({ ...state, ...patch }, it.key, brushed(it, span));
  }
  change(patch);
}

function sentence(search, known, varied, score) {
  if (!known.length) return "No trial that is shown has a score.";
  const best = bestFirst(search, known)[0];
  const values = varied.slice(0, 4).map((it) => `${it.label} ${it.told(best)}`).join(", ");
  return `The ${score.label} of ${trials(known.length)} against each hyper-parameter; of these, ${best.id} has the best, ` +
    `${score.told(best)}, with ${values}. Drag to choose trials.`;
}
