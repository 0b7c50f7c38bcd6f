// Parallel coordinates: an axis for each hyper-parameter that varies and for each score.

import { categories, columnsOf, greatest, number, objective, percent, plural, smallest } from "browser/trials.js";
import { scale as colours } from "browser/plots.js";
import { filtered, chosen } from "browser/selection.js";

export const title = "Parallel coordinates";
const NONE = "–";

export function drawing({ search, state, change }) {
  const axes = columnsOf(search).filter((it) => it.varies && ["hyper-parameter", "score"].includes(it.group));
  // The filters of the axes are drawn on them: all other filters choose the lines.
  const lines = chosen(search, state, axes.map((it) => it.key));
  const score = objective(search);
  if (!webgl()) {
    return { title, traces: [], sentence: "This browser has no WebGL, which parallel coordinates need. The other views and the table work without." };
  }
  const dimensions = axes.map((it) => dimension(it, lines, state));
  const known = lines.map(score.value).filter((it) => it !== null);
  const low = smallest(known), high = greatest(known);
  const worst = score.better === "max" ? low : high;
  return {
    title, height: 420,
    traces: [{
      type: "parcoords", dimensions, labelangle: axes.length > 6 ? -20 : 0,
      line: {
        color: lines.map((it) => score.value(it) ?? worst), colorscale: colours(),
        reversescale: score.better !== "max", cmin: known.length ? low : 0, cmax: known.length ? high : 1,
        showscale: true, colorbar: { title: { text: score.label }, thickness: 12, tickformat: score.fraction ? ".1%" : "" },
      },
    }],
    layout: { margin: { l: 70, r: 30, t: axes.length > 6 ? 90 : 50, b: 25 } },
    sentence: `${plural(lines.length, "line")}, one for each trial, over ${plural(axes.length, "axis", "axes")}. ` +
      "Drag along an axis to choose trials; press on the axis to drop the choice.",
    on: { plotly_restyle: ([update]) => restyled(update, axes, state, change) },
  };
}

function dimension(it, lines, state) {
  if (it.kind === "number") {
    const scale = it.log ? Math.log10 : (value) => value;
    const known = lines.map(it.value).filter((value) => value !== null);
    const gap = known.length < lines.length;
    const low = scale(it.low), high = scale(it.high);
    // What has no value lies on the axis's lower end, marked as such.
    const below = low - (high - low || 1) * 0.15;
    return {
      label: it.label, range: [gap ? below : low, high === low ? low + 1 : high],
      values: lines.map((trial) => (it.value(trial) === null ? below : scale(it.value(trial)))),
      ...ticks(it, scale, gap ? below : null),
      constraintrange: spans(state.ranges[it.key]?.map((span) => span.map((end, at) =>
        end === null ? [low, high][at] : scale(end)))),
    };
  }
  const all = [...categories(it), null];
  const used = lines.some((trial) => it.value(trial) === null) ? all : all.slice(0, -1);
  const picked = state.choices[it.key]?.map((value) => used.indexOf(value)).filter((at) => at >= 0);
  return {
    label: it.label, range: [-0.3, used.length - 0.7],
    values: lines.map((trial) => used.indexOf(it.value(trial))),
    tickvals: used.map((_, at) => at), ticktext: used.map((value) => (value === null ? NONE : it.words(value))),
    constraintrange: spans(picked?.map((at) => [at - 0.25, at + 0.25])),
  };
}

function ticks(it, scale, below) {
  const few = it.distinct.length <= 8 && it.group === "hyper-parameter";
  const words = it.fraction ? percent : it.words ?? number;
  const at = few ? categories(it) : [0, 0.25, 0.5, 0.75, 1].map((part) => between(it, part));
  const vals = at.map(scale), text = at.map((value) => words(value));
  return below === null ? { tickvals: vals, ticktext: text } : { tickvals: [below, ...vals], ticktext: [NONE, ...text] };
}

function between(it, part) {
  return it.log ? it.low * (it.high / it.low) ** part : it.low + (it.high - it.low) * part;
}

const spans = (given) => (!given?.length ? undefined : given.length === 1 ? given[0] : given);

function restyled(update, axes, state, change) {
  let patch = { ranges: state.ranges, choices: state.choices };
  let found = false;
  for (const [name, value] of Object.entries(update)) {
    const at = /^dimensions\[(\d+)\]\.constraintrange$/.exec(name);
    if (!at) continue;
    found = true;
    patch = filtered({ ...state, ...patch }, axes[at[1]].key, read(axes[at[1]], value?.[0]));
  }
  if (found) change(patch);
}

function read(it, given) {
  if (!given) return {};
  const list = Array.isArray(given[0]) ? given : [given];
  if (it.kind !== "number") {
    const all = [...categories(it), null];
    return { choices: all.filter((_, at) => list.some(([low, high]) => at >= low && at <= high)) };
  }
  const back = it.log ? (value) => 10 ** value : (value) => value;
  return { ranges: list.map((span) => span.map(back)) };
}

let able = null;
function webgl() {
  able ??= Boolean(document.createElement("canvas").getContext("webgl"));
  return able;
}
