// The views of a search, one at a time: each is a function of the same selection.

import { element, refill } from "browser/elements.js";
import { canvas, dropped, figure } from "browser/plots.js";
import { MISSING } from "browser/trials.js";
import * as history from "browser/views/history.js";
import * as parallel from "browser/views/parallel.js";
import * as scatter from "browser/views/scatter.js";
import * as map from "browser/views/map.js";
import * as importance from "browser/views/importance.js";
import * as distribution from "browser/views/distribution.js";
import * as timeline from "browser/views/timeline.js";
import * as curves from "browser/views/curves.js";

export const VIEWS = { history, parallel, scatter, map, importance, distribution, timeline, curves };

let last = { target: null, shown: "", search: null };

export async function draw(place, context) {
  const { state, change, search } = context;
  const shown = Object.hasOwn(VIEWS, state.view) ? state.view : "history";
  const panel = element("div", { role: "tabpanel", id: "view", "aria-labelledby": `tab-${shown}`, tabindex: "0" });
  panel.append(...axes(shown, context));
  const high = place.offsetHeight; // so that nothing below jumps while a plot is drawn
  place.style.minHeight = `${high}px`;
  refill(place, element("h3", {}, "Views"), tabs(shown, change), panel);
  const drawing = VIEWS[shown].drawing(context);
  if (!drawing.traces.length) panel.append(element("p", {}, drawing.sentence || MISSING));
  else await figure(panel, drawing, search, plot(shown, search));
  place.style.minHeight = "";
}

// The plot that is shown, as long as view and search are the same, else a new one.
function plot(shown, search) {
  if (last.shown !== shown || last.search !== search) {
    dropped(last.target);
    last = { target: canvas(), shown, search };
  }
  return last.target;
}

// Tabs as in https://www.w3.org/WAI/ARIA/apg/patterns/tabs/: one in the order of the Tab key, arrows between.
function tabs(shown, change) {
  const names = Object.keys(VIEWS);
  const move = (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = names[(names.indexOf(shown) + step + names.length) % names.length];
    change({ view: next });
    document.getElementById(`tab-${next}`)?.focus();
  };
  return element("div", { role: "tablist", "aria-label": "Views of the trials", onkeydown: move }, ...names.map((name) =>
    element("button", {
      type: "button", role: "tab", id: `tab-${name}`, "data-focus": `tab ${name}`, "aria-selected": String(name === shown),
      "aria-controls": "view", tabindex: name === shown ? "0" : "-1", onclick: () => change({ view: name }),
    }, VIEWS[name].title)));
}

function axes(shown, context) {
  const { state, change } = context;
  const choice = (label, key, value, options) => element("label", { class: "axis" }, `${label} `,
    element("select", { "data-focus": `axis ${key}`, onchange: (event) => change({ [key]: event.target.value }) },
      ...options.map(([name, words]) => element("option", { value: name, selected: name === value }, words))));
  if (shown === "curves") {
    return [choice("against", "by", state.by, [["iteration", "iterations"], ["seconds", "seconds"]])];
  }
  if (shown !== "map") return [];
  const { varied, x, y } = map.choices(context);
  if (!x || !y) return [];
  const options = (other) => varied.filter((it) => it !== other).map((it) => [it.key, it.label]);
  return [choice("across", "x", x.key, options(y)), choice("upwards", "y", y.key, options(x))];
}
