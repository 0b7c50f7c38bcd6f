// How much of the objective's variance each hyper-parameter explains, as the page's maker computed it.

import { COLOURS } from "browser/plots.js";
import { plural } from "browser/trials.js";

export const title = "Importance";

export function drawing({ search }) {
  const found = Object.entries(search.importance?.shares ?? {}).sort(([, a], [, b]) => a - b);
  const remark = told(search.importance);
  if (!found.length) {
    return { title, traces: [], sentence: remark || "The importance of the hyper-parameters was not computed for this search." };
  }
  const [name, share] = found.at(-1);
  return {
    title, height: 90 + 34 * found.length,
    traces: [{
      type: "bar", orientation: "h", marker: { color: COLOURS[0] }, hoverinfo: "x+y",
      y: found.map(([it]) => it), x: found.map(([, value]) => value),
      text: found.map(([, value]) => `${(100 * value).toFixed(0)}\u202f%`), textposition: "auto",
    }],
    layout: {
      xaxis: { title: { text: "share of the variance" }, tickformat: ".0%", rangemode: "tozero" },
      yaxis: { type: "category" }, showlegend: false,
    },
    sentence: `Over ${plural(search.importance.trials, "trial")}, ${name} explains the largest share, ${(100 * share).toFixed(0)}\u202f%. ${remark}`,
  };
}

// What speaks against relying on the shares, as a sentence.
function told(importance) {
  const warning = importance?.warning ?? "";
  return warning && `${warning[0].toUpperCase()}${warning.slice(1)}.`;
}
