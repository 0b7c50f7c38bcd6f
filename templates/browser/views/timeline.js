// When each run was trained, a row for each worker; what an earlier build had trained is told apart.

import { COLOURS, shade } from "browser/plots.js";
import { count, duration, plural } from "browser/trials.js";

export const title = "Timeline";
const UNKNOWN = "not kept";
const CLOSE = 500; // milliseconds: a run is stored that soon after its end
const FAR = 3; // times the length of this build, beyond which earlier runs lie outside the first look

export function drawing({ search, rows, change, began }) {
  return { ...drawn(trained(search, rows), began), on: { plotly_click: (event) => change({ open: event.points[0].customdata.trial }) } };
}

// The same of all searches; a run that several have in common is drawn once.
export function ofAll({ searches, change, began }) {
  const runs = new Map(searches.flatMap((search) => trained(search, search.trials)).reverse().map((it) => [it.run.key, it]));
  return {
    ...drawn([...runs.values()], began),
    on: { plotly_click: (event) => change({ search: event.points[0].customdata.search, open: event.points[0].customdata.trial }) },
  };
}

function trained(search, rows) {
  return rows.flatMap((trial) => trial.attempts.filter((it) => it.finished_at && it.seconds !== null)
    .map((run) => ({ search, trial, run, ...span(run) })));
}

// From when its worker took it up; where that is not known, its time of training before its end.
function span(run) {
  const end = Date.parse(run.finished_at);
  return { end, start: run.taken_up_at ? Date.parse(run.taken_up_at) : end - 1000 * run.seconds };
}

function drawn(runs, began) {
  if (!runs.length) return { title, traces: [], sentence: "When these runs were trained is not known." };
  runs.sort((a, b) => a.start - b.start);
  const lanes = laid(runs);
  const stored = (it) => began && it.end < Date.parse(began);
  const fresh = runs.filter((it) => !stored(it)), kept = runs.filter(stored);
  return {
    title, height: 130 + 34 * lanes.length,
    traces: [
      ...(fresh.length ? [bars(began ? "trained by this build" : "trained", COLOURS[0], fresh)] : []),
      ...(kept.length ? [bars("trained before, taken from the store", COLOURS[5], kept)] : []),
    ],
    layout: {
      barmode: "overlay", showlegend: Boolean(began), xaxis: { type: "date", title: { text: "time" }, ...look(fresh, kept) },
      yaxis: { title: { text: "worker" }, type: "category", categoryorder: "array", categoryarray: lanes, autorange: "reversed" },
    },
    sentence: sentence(runs, fresh, kept),
  };
}

function bars(name, colour, found) {
  return {
    type: "bar", orientation: "h", name, marker: { color: colour, line: { width: 1, color: shade("--paper") } },
    base: found.map((it) => new Date(it.start)), x: found.map((it) => it.end - it.start), y: found.map((it) => it.lane),
    customdata: found.map((it) => ({ search: it.search.name, trial: it.trial.id })), hoverinfo: "text", textposition: "none",
    text: found.map(({ search, trial, run }) =>
      `${search.title}, trial ${trial.id}${run.seed === null ? "" : `, seed ${run.seed}`}: ${duration(run.seconds)} of training${run.status === "completed" ? "" : `, ${run.status}`}`),
  };
}

// Each run's row: its worker's. Runs of unknown workers get the first row that is free when they start.
function laid(runs) {
  const workers = [...new Set(runs.map((it) => it.run.worker).filter(Boolean))]
    .sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const free = [];
  for (const it of runs) {
    it.lane = it.run.worker;
    if (it.lane) continue;
    let at = free.findIndex((end) => end <= it.start + CLOSE);
    if (at < 0) at = free.length;
    free[at] = it.end;
    it.lane = at;
  }
  const names = free.map((_, at) => (free.length > 1 ? `${UNKNOWN} (${at + 1})` : UNKNOWN));
  for (const it of runs) if (typeof it.lane === "number") it.lane = names[it.lane];
  return [...workers, ...names];
}

// What is seen first: this build, where what it took from the store would make it a sliver.
function look(fresh, kept) {
  if (!fresh.length || !kept.length) return {};
  const from = fresh[0].start, to = Math.max(...fresh.map((it) => it.end)), margin = 0.02 * (to - from);
  const first = Math.min(from, kept[0].start);
  return to - first > FAR * (to - from) ? { range: [new Date(from - margin), new Date(to + margin)] } : {};
}

function sentence(runs, fresh, kept) {
  const total = runs.reduce((sum, it) => sum + it.run.seconds, 0);
  const unknown = runs.filter((it) => !it.run.worker).length;
  return [
    `${plural(runs.length, "run")}, ${duration(total)} of training.`,
    kept.length && fresh.length ? `${count(kept.length)} of them ${kept.length === 1 ? "was" : "were"} taken from the store.` : "",
    kept.length && !fresh.length ? "All of them were taken from the store." : "",
    "range" in look(fresh, kept) ? "Double-click to see those too." : "",
    unknown ? `Which worker trained ${unknown === runs.length ? "them" : plural(unknown, "run")} was not kept: a row holds what did not overlap.` : "",
  ].filter(Boolean).join(" ");
}
