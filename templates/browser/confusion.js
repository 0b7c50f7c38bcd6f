// Which classes a trial confuses: a matrix, and the most frequent confusions in words.

import { element, table } from "browser/elements.js";
import { count, list, percent, plural } from "browser/trials.js";

const WHOLE = 20; // classes of which the matrix is drawn; of more, the pairs confused most often
const TOLD = 3, LISTED = 20; // pairs that the sentence and the list name
const DEEPEST = 45; // per cent of colour under the most frequent confusion

export function confusion(search, trial) {
  if (!trial.confusion) return null;
  const pairs = confused(search, trial);
  return element("div", { class: "confusion" },
    search.classes.length > WHOLE ? listed(pairs) : matrix(search, trial, pairs[0]?.amount ?? 1),
    element("p", { class: "about" }, search.classes.length > WHOLE ? "" : "Rows: what the images are; columns: what the network says. ", sentence(trial, pairs)));
}

function confused({ classes }, { confusion: counts }) {
  return counts.flatMap((row, at) => row.map((amount, to) => ({ amount, at, to, of: total(row), is: classes[at], says: classes[to] })))
    .filter((it) => it.at !== it.to && it.amount)
    .sort((a, b) => b.amount - a.amount);
}

const total = (row) => row.reduce((a, b) => a + b, 0);

// Errors alone are shaded: beside what is right they would all look alike.
function matrix({ classes }, { confusion: counts }, most) {
  const shade = (amount) => `background: color-mix(in srgb, var(--warning) ${Math.round((DEEPEST * amount) / most)}%, transparent)`;
  const cell = (amount, right) => element("td", {
    class: right ? "number hit" : amount ? "number" : "number none", style: right || !amount ? null : shade(amount),
  }, count(amount));
  return table("Confusion matrix of the test images", ["true class", ...classes],
    counts.map((row, at) => [classes[at], ...row.map((amount, to) => cell(amount, at === to))]), { class: "matrix" });
}

function listed(pairs) {
  return table("Most frequent confusions", ["test images of", "taken for", "how many", "of"],
    pairs.slice(0, LISTED).map((it) => [it.is, it.says, count(it.amount), count(it.of)]));
}

function sentence(trial, pairs) {
  const all = total(trial.confusion.map(total)), right = total(trial.confusion.map((row, at) => row[at]));
  const runs = trial.attempts.filter((it) => it.status === "completed").length;
  const told = pairs.slice(0, TOLD).map((it) => `${it.is} for ${it.says} (${count(it.amount)} of ${count(it.of)})`);
  return `${count(right)} of ${plural(all, "prediction")} are correct${runs > 1 ? `, over ${plural(runs, "run")}` : ""}, ${percent(right / all)}.` +
    (told.length ? ` Taken most often: ${list(told)}.` : "");
}
