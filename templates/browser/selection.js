// What is chosen, filtered and sorted: one state for the table and all views, kept in the address.
//
//   search    name of the search that is shown; "" for the table of all searches
//   sort      a column's key, with "-" before it for downwards; "" for the search's own order
//   text      words that a trial must hold
//   ranges    column key -> list of [low, high], of which a number must lie in one
//   choices   column key -> list of values, of which a value must be one
//   columns   keys of the columns shown; null for those in which trials differ
//   compared  ids of the trials that stand side by side, at most five
//   open      id of the trial that is open, "" for none
//   view, x, y, by    which view is shown, and its axes

import { column, columnsOf, MISSING, objective } from "browser/trials.js";

export const MOST_COMPARED = 5;
const EMPTY = {
  search: "", sort: "", text: "", ranges: {}, choices: {}, columns: null, compared: [], open: "",
  view: "history", x: "", y: "", by: "iteration",
};
const ALWAYS = ["id", "status"];

export function start(search = "") {
  return { ...EMPTY, search };
}

// The address holds only what differs from the start, each as JSON, so that any name survives.
export function toAddress(state) {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) {
    const given = JSON.stringify(value);
    if (given !== JSON.stringify(EMPTY[name])) told.set(name, typeof EMPTY[name] === "string" ? value : given);
  }
  return `#${told}`;
}

// What an address does not say, or says wrongly, is as at the start.
export function fromAddress(address, searches) {
  const state = start();
  for (const [name, text] of new URLSearchParams(address.replace(/^#/, ""))) {
    if (Object.hasOwn(EMPTY, name)) state[name] = parsed(text, EMPTY[name]);
  }
  const search = searches.find((it) => it.name === state.search);
  return search ? sound(state, search) : { ...start(), view: state.view };
}

function parsed(text, example) {
  if (typeof example === "string") return text;
  try {
    const value = JSON.parse(text);
    return value && typeof value === "object" ? value : example;
  } catch {
    return example;
  }
}

function sound(state, search) {
  const known = (key) => Boolean(column(search, key));
  const only = (given, fits) =>
    Object.fromEntries(Object.entries(given).filter(([key, value]) => known(key) && fits(value)));
  const end = (value) => value === null || typeof value === "number";
  const pairs = (value) => Array.isArray(value) &&
    value.every((it) => Array.isArray(it) && it.length === 2 && it.every(end));
  const ids = new Set(search.trials.map((it) => it.id));
  return {
    ...state,
    sort: known(state.sort.replace(/^-/, "")) ? state.sort : "",
    ranges: only(state.ranges, pairs),
    choices: only(state.choices, Array.isArray),
    columns: Array.isArray(state.columns) ? state.columns.filter(known) : null,
    compared: Array.isArray(state.compared)
      ? [...new Set(state.compared)].filter((it) => ids.has(it)).slice(0, MOST_COMPARED) : [],
    open: ids.has(state.open) ? state.open : "",
    x: known(state.x) ? state.x : "",
    y: known(state.y) ? state.y : "",
  };
}

// The trials that all filters let through, in the order asked for. `without` names columns whose
// filters do not count.
export function chosen(search, state, without = []) {
  const wanted = state.text.trim().toLocaleLowerCase();
  const counts = ([key]) => !without.includes(key);
  const ranges = Object.entries(state.ranges).filter(counts).map(([key, it]) => [column(search, key), it]);
  const choices = Object.entries(state.choices).filter(counts)
    .map(([key, it]) => [column(search, key), new Set(it)]);
  const found = search.trials.filter((trial) =>
    ranges.every(([it, spans]) => within(it.value(trial), spans)) &&
    choices.every(([it, allowed]) => allowed.has(it.value(trial))) &&
    (!wanted || words(search, trial).includes(wanted)));
  return sorted(search, found, state.sort);
}

function within(value, spans) {
  return typeof value === "number" &&
    spans.some(([low, high]) => (low === null || value >= low) && (high === null || value <= high));
}

const told = new WeakMap(); // a trial's words are put together once

function words(search, trial) {
  if (!told.has(trial)) {
    const all = columnsOf(search).filter((it) => it.key !== "n").map((it) => it.told(trial)).filter((it) => it !== MISSING);
    told.set(trial, all.join("\n").replaceAll("\u202f", " ").toLocaleLowerCase());
  }
  return told.get(trial);
}

// Numbers before words, and what is missing last, whichever way.
export function sorted(search, trials, sort) {
  if (!sort) return trials;
  const downwards = sort.startsWith("-");
  const by = column(search, downwards ? sort.slice(1) : sort);
  const keyed = trials.map((trial) => [by.value(trial), trial]);
  const compare = ([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    const order = typeof a === "number" ? a - b : a.localeCompare(b, undefined, { numeric: true });
    return downwards ? -order : order;
  };
  return keyed.sort(compare).map(([, trial]) => trial);
}

// The first press sorts a score from the best and anything else upwards; the next turns it round.
export function sortedBy(column, sort) {
  const first = column.better === "max" ? `-${column.key}` : column.key;
  const second = column.better === "max" ? column.key : `-${column.key}`;
  return sort === first ? second : first;
}

export function shownColumns(search, state) {
  const all = columnsOf(search);
  if (state.columns) return all.filter((it) => it.key === "id" || state.columns.includes(it.key));
  return all.filter((it) => it.key !== "n" && (it.varies || ALWAYS.includes(it.key)));
}

export function isFiltered(state) {
  return Boolean(state.text.trim() || Object.keys(state.ranges).length || Object.keys(state.choices).length);
}

// The state with one column's filter changed, or dropped if nothing is given.
export function filtered(state, key, { ranges = null, choices = null } = {}) {
  const without = (given) => Object.fromEntries(Object.entries(given).filter(([name]) => name !== key));
  const result = { ranges: without(state.ranges), choices: without(state.choices) };
  if (ranges) result.ranges[key] = ranges;
  if (choices) result.choices[key] = choices;
  return result;
}

export function bestFirst(search, trials) {
  const score = objective(search);
  return sorted(search, trials, score.better === "max" ? `-${score.key}` : score.key);
}

export function toggledComparison(state, id) {
  if (state.compared.includes(id)) return state.compared.filter((it) => it !== id);
  return [...state.compared, id].slice(-MOST_COMPARED);
}
