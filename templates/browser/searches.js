// All searches of the page: a table, and the objective of all their trials beside one another.

import { element, refill, table } from "browser/elements.js";
import { count, duration, isOpen, list, MISSING, objective, parametersOf, plural, trialOf } from "browser/trials.js";
import { bestFirst, start, toAddress } from "browser/selection.js";
import { around, COLOURS, figure } from "browser/plots.js";
import * as timeline from "browser/views/timeline.js";

export async function draw(place, context) {
  const { searches, building } = context;
  if (!searches.length) {
    return refill(place, element("p", {}, building ? "No search has ended yet." : "No search has ended."));
  }
  const drawn = element("div"), when = element("div");
  refill(place,
    table("Searches", ["search", alike(searches) ? `best ${objective(searches[0]).label}` : "best", "with", "trials", "runs", "not completed", "training"],
      searches.map((it) => row(it, alike(searches))), { class: "searches" }),
    element("h2", {}, "Comparison"), drawn, when);
  await figure(drawn, drawing(searches), { name: "searches" });
  const trained = timeline.ofAll(context);
  if (!trained.traces.length || !when.isConnected) return;
  when.append(element("h2", {}, timeline.title));
  await figure(when, trained, { name: "searches" });
}

const alike = (searches) => searches.every((it) => it.objective === searches[0].objective);

function row(search, oneObjective) {
  const runs = search.trials.flatMap((it) => it.attempts);
  const score = objective(search);
  const best = trialOf(search, search.leader) ?? bestFirst(search, search.trials)[0];
  const known = best && score.value(best) !== null;
  const ties = search.tied_with.length;
  const varied = parametersOf(search).filter((it) => it.varies);
  return [
    element("a", { href: toAddress(start(search.name)) }, search.title),
    !known ? MISSING : oneObjective ? score.told(best) : `${score.told(best)}, ${score.label}`,
    (known ? varied.map((it) => `${it.label}=${it.told(best)}`).join(", ") + (ties ? ` (tied with ${count(ties)})` : "") : "") || MISSING,
    progress(search), count(runs.length), count(runs.filter((it) => it.status !== "completed" && !isOpen(it)).length),
    duration(runs.length ? runs.reduce((sum, it) => sum + (it.seconds ?? 0), 0) : null),
  ];
}

function progress({ ended, planned }) {
  return ended < planned ? `${count(ended)} of ${count(planned)}` : count(planned);
}

// Searches are beside one another only where their scores are of one kind.
function drawing(searches) {
  const name = searches[0].objective;
  const alike = searches.filter((it) => it.objective === name);
  const score = objective(alike[0]);
  const values = (search) => search.trials.map(objective(search).value);
  const known = alike.flatMap(values).filter((it) => it !== null);
  const others = searches.length - alike.length;
  const label = (search) => (window.innerWidth < 700 ? search.name : search.title);
  return {
    title: "Comparison of searches", height: 90 + 34 * alike.length,
    traces: alike.map((it, index) => ({
      type: "box", orientation: "h", boxpoints: "all", jitter: 0.4, pointpos: 0, fillcolor: "rgba(0,0,0,0)",
      line: { width: 0 }, hoverinfo: "text", marker: { color: COLOURS[index % COLOURS.length], size: 6, opacity: 0.7 },
      x: values(it), y: it.trials.map(() => label(it)),
      text: it.trials.map((trial) => `${it.title}, trial ${trial.id}: ${objective(it).told(trial)}`),
    })),
    layout: {
      xaxis: { title: { text: score.label }, ...(score.fraction ? { tickformat: ".0%" } : {}), ...around(score, known) },
      yaxis: { type: "category", autorange: "reversed", automargin: true }, showlegend: false,
    },
    sentence: `A point for each of ${plural(known.length, "trial")} of ${plural(alike.length, "search", "searches")}.` +
      " Searches may differ in data and length, so that their scores need not be comparable." +
      (others ? ` ${list(searches.filter((it) => it.objective !== name).map((it) => it.title))}: of another objective, left out.` : ""),
  };
}
