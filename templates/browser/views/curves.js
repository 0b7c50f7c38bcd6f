// Learning curves of several trials over one another, by iteration or by second.

import { looks, trials } from "browser/plots.js";
import { trialOf } from "browser/trials.js";

export const title = "Learning curves";
const MOST = 12; // trials whose curves are told apart at once
const LABELS = { loss: "training loss", validation_loss: "validation loss", accuracy: "training accuracy", validation_accuracy: "validation accuracy" };

// The names of the curves that any run of the trials has.
export function seriesOf(shown) {
  const names = new Set(shown.flatMap((trial) => trial.attempts.flatMap((it) => Object.keys(it.curves))));
  ["at", "iteration", "epoch", "seconds", "step"].forEach((it) => names.delete(it)); // what is no curve
  return [...names];
}

export function drawing(context) {
  const { search, state, rows } = context;
  const picked = state.compared.map((id) => trialOf(search, id));
  const shown = (picked.length ? picked : rows).slice(0, MOST);
  const left = picked.length ? 0 : rows.length - shown.length;
  const which = picked.length ? `The ${trials(shown.length)} put side by side` : left
    ? `The first ${trials(shown.length)} of the table; ${left} more are not drawn: filter, or put some side by side`
    : `The ${trials(shown.length)} of the table`;
  return curvesOf(context, shown, `${which}. Solid: validation; dotted: training.`);
}

export function curvesOf({ state, axes }, shown, sentence) {
  const names = seriesOf(shown);
  if (!names.length) return { title, traces: [], sentence: "These trials kept no curves." };
  const bySeconds = state.by === "seconds" && shown.some((it) => it.attempts.some((run) => run.curves.seconds));
  const panels = [...new Set(names.map((it) => it.replace(/^(validation|val)_/, "")))];
  const narrow = window.innerWidth < 700;
  const layout = {
    grid: { rows: narrow ? panels.length : 1, columns: narrow ? 1 : panels.length, pattern: "independent" },
  };
  const traces = [];
  panels.forEach((panel, at) => {
    const number = at ? at + 1 : "";
    const fraction = panel.includes("accuracy");
    layout[`xaxis${number}`] = { title: { text: bySeconds ? "seconds of training" : "iteration" } };
    layout[`yaxis${number}`] = { title: { text: panel.replaceAll("_", " ") }, ...(fraction ? { tickformat: ".0%" } : {}) };
    for (const name of names.filter((it) => it.replace(/^(validation|val)_/, "") === panel)) {
      shown.forEach((trial, index) => trial.attempts.forEach((run, which) => {
        if (!run.curves[name]) return;
        const held = name !== panel;
        traces.push({
          type: "scatter", mode: run.curves[name].length < 2 ? "markers" : "lines",
          name: `trial ${trial.id}`, legendgroup: trial.id, showlegend: at === 0 && held === names.some((it) => it !== panel && it.endsWith(panel)) && which === 0,
          x: bySeconds && run.curves.seconds ? run.curves.seconds : axes[run.curves.at] ?? run.curves[name].map((_, step) => step + 1),
          y: run.curves[name], xaxis: `x${number}`, yaxis: `y${number}`,
          line: { color: looks(index).colour, dash: held ? (looks(index).dash === "dot" ? "dash" : looks(index).dash) : "dot", width: held ? 2 : 1.2 },
          hovertemplate: `trial ${trial.id}${run.seed === null ? "" : `, seed ${run.seed}`}, ${LABELS[name] ?? name}: %{y:${fraction ? ".2%" : ".4~g"}}<extra></extra>`,
        });
      }));
    }
  });
  return { title, traces, layout, height: narrow ? 300 * panels.length : 380, sentence };
}
