// The table of trials: sorted, filtered, and drawn a window at a time where there are many.

import { element, refill } from "browser/elements.js";
import { column, isOpen, plural } from "browser/trials.js";
import { isFiltered, shownColumns, sortedBy, toggledComparison } from "browser/selection.js";

const WHOLE = 150; // so many rows are drawn at once; more, a window at a time
const ROW = 33; // pixels, as in the style
const MARGIN = 20; // rows drawn beyond the window's edges

export function draw(place, context) {
  const { search, state, rows, change } = context;
  const columns = arranged(shownColumns(search, state));
  const many = rows.length > WHOLE;
  const body = element("tbody");
  const drawn = element("table", { class: "trials", "aria-rowcount": rows.length + 1 },
    element("caption", {}, caption(context)),
    element("thead", {}, heading(columns, state, change)),
    body);
  const region = element("div", {
    class: many ? "scroll window" : "scroll", role: "region", "aria-label": `Trials of ${search.title}`,
    tabindex: "0", "data-focus": "table",
  }, drawn);
  const line = (trial, index) => row(trial, index, columns, context);
  if (many) windowed(region, body, rows, columns.length + 1, line);
  else body.append(...rows.map(line));
  const before = place.querySelector(".window")?.scrollTop;
  refill(place, region);
  if (many && before && context.kept) region.scrollTop = before;
}

// Where the window is narrow, the scores come first.
function arranged(columns) {
  const places = ["trial", "score"];
  const place = (it) => (places.includes(it.group) ? places.indexOf(it.group) : places.length);
  return window.innerWidth < 700 ? [...columns].sort((a, b) => place(a) - place(b)) : columns;
}

function caption({ search, state, rows }) {
  const all = plural(search.trials.length, "trial");
  const shown = isFiltered(state) ? `${rows.length} of ${all} pass the filters` : `All ${all}`;
  if (!state.sort) return `${shown}, in the order in which they were asked for.`;
  const by = column(search, state.sort.replace(/^-/, ""));
  return `${shown}, sorted by ${by.label}, ${state.sort.startsWith("-") ? "downwards" : "upwards"}.`;
}

function heading(columns, state, change) {
  const sortable = (it) => {
    const sorted = state.sort.replace(/^-/, "") === it.key;
    const way = !sorted ? null : state.sort.startsWith("-") ? "descending" : "ascending";
    return element("th", { scope: "col", class: it.kind === "number" ? "number" : null, "aria-sort": way },
      element("button", {
        type: "button", "data-focus": `sort ${it.key}`,
        onclick: () => change({ sort: sortedBy(it, state.sort) }),
      }, it.label.replaceAll("_", " ")));
  };
  return element("tr", {}, element("th", { scope: "col" }, "side by side"), ...columns.map(sortable));
}

function row(trial, index, columns, context) {
  const { search, state, change } = context;
  const standing = search.standings[trial.id] ?? "";
  const picked = state.compared.includes(trial.id);
  return element("tr", {
    class: [standing && (trial.id === search.leader ? "best" : "tied"), trial.id === state.open && "open"].filter(Boolean).join(" ") || null,
    "aria-rowindex": index + 2, "data-trial": trial.id,
  },
  element("td", {}, element("input", {
    type: "checkbox", "aria-label": `Put trial ${trial.id} side by side`, checked: picked,
    "data-focus": `compare ${trial.id}`, onchange: () => change({ compared: toggledComparison(state, trial.id) }),
  })),
  ...columns.map((it) => cell(it, trial, standing, context)));
}

function cell(column, trial, standing, { state, change }) {
  if (column.key !== "id") {
    const words = column.told(trial);
    const outcome = column.group === "outcome" && trial.status !== "completed" && !isOpen(trial);
    return element("td", {
      class: [column.kind === "number" && "number", outcome && "fault"].filter(Boolean).join(" ") || null,
      title: words.length > 40 ? words : null,
    }, words);
  }
  return element("th", { scope: "row" },
    element("button", {
      type: "button", class: "opens", "aria-expanded": String(state.open === trial.id),
      "data-focus": `open ${trial.id}`,
      onclick: () => change({ open: state.open === trial.id ? "" : trial.id }),
    }, trial.id), standing && " ", standing ? element("b", {}, standing) : null);
}

// Draw the rows in the window alone, between two empty ones as high as those left out.
function windowed(region, body, rows, width, line) {
  let from = -1;
  const fill = () => {
    const first = Math.max(0, Math.floor(region.scrollTop / ROW) - MARGIN);
    const last = Math.min(rows.length, first + Math.ceil((region.clientHeight || 600) / ROW) + 2 * MARGIN);
    if (first === from) return;
    from = first;
    const space = (amount) => element("tr", { "aria-hidden": "true" },
      element("td", { colspan: width, style: `height:${amount * ROW}px;padding:0` }));
    refill(body, space(first), ...rows.slice(first, last).map((it, at) => line(it, first + at)),
      space(rows.length - last));
  };
  region.addEventListener("scroll", () => requestAnimationFrame(fill), { passive: true });
  fill();
  requestAnimationFrame(() => { from = -1; fill(); });
}
