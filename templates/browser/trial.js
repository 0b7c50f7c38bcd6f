// A trial opened: its settings, the scores and curves of every run, where the report uses it.

import { element, refill, table } from "browser/elements.js";
import { columnsOf, count, duration, fraction, MISSING, parametersOf, plural, trialOf } from "browser/trials.js";
import { confusion } from "browser/confusion.js";
import { figure } from "browser/plots.js";
import { curvesOf } from "browser/views/curves.js";

export function draw(place, context) {
  const { search, state, change, environments } = context;
  const trial = state.open ? trialOf(search, state.open) : null;
  place.hidden = !trial;
  if (!trial) return refill(place);
  const curves = element("div");
  refill(place,
    element("h3", { tabindex: "-1", id: "opened" }, `Trial ${trial.id} of ${search.title}`),
    element("p", {}, element("button", { type: "button", "data-focus": "close", onclick: () => change({ open: "" }) }, "Close")),
    trial.message ? element("p", { class: "fault" }, `${trial.status}: ${trial.message}`) : null,
    element("div", { class: "pair" },
      table("Hyper-parameters", ["name", "value"], parametersOf(search).map((it) => [it.label, it.told(trial)])),
      table("Result", ["what", "value"], columnsOf(search)
        .filter((it) => ["score", "cost", "outcome"].includes(it.group) && it.told(trial) !== MISSING)
        .map((it) => [it.label, it.told(trial)]))),
    runs(search, trial), curves, confusion(search, trial), setting(trial, search, environments), uses(search, trial));
  return figure(curves, {
    ...curvesOf(context, [trial], `The curves of ${plural(trial.attempts.length, "run")}. Solid: validation; dotted: training.`),
    title: `Learning curves of trial ${trial.id}`,
  }, search);
}

function runs(search, trial) {
  const scores = Object.entries(search.scores);
  const best = trial.attempts.some((it) => it.scores.best_iteration !== undefined);
  const workers = trial.attempts.some((it) => it.worker), ends = trial.attempts.some((it) => it.finished_at);
  const headings = [
    "seed", "status", ...scores.map(([, it]) => it.label), ...(best ? ["best at"] : []), "training time",
    ...(ends ? ["ended"] : []), ...(workers ? ["worker"] : []), "run",
  ];
  return table("Runs", headings, trial.attempts.map((it) => [
    it.seed === null ? MISSING : String(it.seed),
    it.message && it.status !== "completed" ? `${it.status}: ${it.message}` : it.status,
    ...scores.map(([name, score]) => fraction(score)(it.scores[name] ?? null)),
    ...(best ? [it.scores.best_iteration === undefined ? MISSING : `iteration ${count(it.scores.best_iteration)}`] : []),
    duration(it.seconds), ...(ends ? [moment(it.finished_at)] : []), ...(workers ? [it.worker || MISSING] : []), element("code", {}, it.key),
  ]));
}

// In UTC, as it is kept.
const moment = (told) => (told ? `${told.slice(0, 16).replace("T", " ")} UTC` : MISSING);

function setting(trial, search, environments) {
  const known = environments[trial.attempts[0]?.environment] ?? {};
  const told = Object.entries(known).map(([name, value]) => `${name} ${value}`).join(", ");
  return element("p", { class: "about" }, [search.about, told].filter(Boolean).join("; "));
}

// A command for any trial has N in the place of its number.
function command(words, template, trial) {
  return template ? element("p", {}, words, element("code", {}, template.replace("/N", () => `/${trial.id}`))) : null;
}

function uses(search, trial) {
  const links = (search.uses ?? []).map((it) => element("li", {}, element("a", { href: it.address }, it.title)));
  const figures = (search.figures ?? []).filter((it) => it.trials.includes(trial.id))
    .map((it) => element("li", {}, "figure: ", element("a", { href: it.address }, it.title)));
  links.push(...figures);
  return element("div", {},
    links.length ? element("p", {}, "In the report:") : null,
    links.length ? element("ul", {}, ...links) : null,
    command("In the terminal: ", search.show, trial),
    command("To train it again, alone, and measure again what uses it: ", search.retrain, trial));
}
