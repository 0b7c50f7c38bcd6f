// The filters of a search: words, a range or a choice for each column, and which columns are shown.

import { element, refill } from "browser/elements.js";
import { categories, columnsOf, MISSING } from "browser/trials.js";
import { filtered, isFiltered, shownColumns } from "browser/selection.js";

const FEW = 12; // so many different values are offered as choices; more numbers, as a range

export function draw(place, context) {
  const { search, state, change } = context;
  const clear = element("button", {
    type: "button", "data-focus": "clear", hidden: !isFiltered(state),
    onclick: () => change({ text: "", ranges: {}, choices: {} }),
  }, "Clear all filters");
  const open = new Set([...place.querySelectorAll("details[open]")].map((it) => it.dataset.name));
  const folded = (name, words, ...children) => element("details", { "data-name": name, open: open.has(name) },
    element("summary", { "data-focus": name }, words), ...children);
  refill(place,
    element("label", { class: "text" }, "Trials that hold ", element("input", {
      type: "search", value: state.text, "data-focus": "text",
      oninput: (event) => change({ text: event.target.value }),
    })),
    folded("Filters", `Filters${told(context)}`, element("div", { class: "filters" },
      ...columnsOf(search).filter((it) => it.varies && it.key !== "n").map((it) => filter(it, context)))),
    folded("Columns", "Columns", columns(context)),
    clear);
}

function told({ state }) {
  const set = Object.keys(state.ranges).length + Object.keys(state.choices).length;
  return set ? ` (${set} set)` : "";
}

function filter(column, context) {
  const byChoice = column.distinct.length <= FEW && column.group !== "cost" && column.group !== "score" &&
    column.key !== "id";
  if (column.kind === "number" && !byChoice) return range(column, context);
  return byChoice ? choice(column, context) : null;
}

function range(column, { state, change }) {
  const [low, high] = state.ranges[column.key]?.[0] ?? [null, null];
  const unit = column.fraction ? 100 : 1;
  const bound = (label, value, at) => element("label", {}, `${label} `, element("input", {
    type: "number", step: "any", "data-focus": `${column.key} ${at}`,
    value: value === null ? "" : Number((value * unit).toPrecision(12)),
    onchange: (event) => {
      const given = event.target.value === "" ? null : Number(event.target.value) / unit;
      const span = at === 0 ? [given, high] : [low, given];
      const ranges = span.every((it) => it === null) ? null : [span];
      change(filtered(state, column.key, { ranges }));
    },
  }));
  return element("fieldset", {}, element("legend", {}, column.label + (column.fraction ? ", in %" : "")),
    bound("from", low, 0), bound("to", high, 1));
}

function choice(column, { search, state, change }) {
  const all = [...categories(column), ...(search.trials.some((it) => column.value(it) === null) ? [null] : [])];
  const picked = state.choices[column.key] ?? all;
  const box = (value) => {
    const words = value === null ? MISSING : column.words(value);
    return element("label", {}, element("input", {
      type: "checkbox", checked: picked.includes(value), "data-focus": `${column.key} ${words}`,
      onchange: (event) => {
        const kept = all.filter((it) => (it === value ? event.target.checked : picked.includes(it)));
        change(filtered(state, column.key, { choices: kept.length === all.length ? null : kept }));
      },
    }), ` ${words}`);
  };
  return element("fieldset", {}, element("legend", {}, column.label), ...all.map(box));
}

function columns({ search, state, change }) {
  const shown = new Set(shownColumns(search, state).map((it) => it.key));
  const box = (column) => element("label", {}, element("input", {
    type: "checkbox", checked: shown.has(column.key), disabled: column.key === "id",
    "data-focus": `column ${column.key}`,
    onchange: (event) => change({
      columns: columnsOf(search).map((it) => it.key)
        .filter((key) => (key === column.key ? event.target.checked : shown.has(key))),
    }),
  }), ` ${column.label}`);
  const button = (words, value) => element("button", {
    type: "button", "data-focus": words, onclick: () => change({ columns: value }),
  }, words);
  return element("div", {},
    element("p", {}, button("Only what differs", null), " ",
      button("All columns", columnsOf(search).map((it) => it.key))),
    element("div", { class: "columns" }, ...columnsOf(search).map(box)));
}
