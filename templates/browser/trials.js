// The trials as the page's JSON has them, and their columns: names, values, words.

import { unpack } from "browser/elements.js";

const THIN = "\u202f";
export const MISSING = "–";
const SCALES = { log: 100 }; // positive values that span so much are drawn on a logarithmic scale

export async function read() {
  const plain = document.getElementById("trials");
  return JSON.parse(plain ? plain.textContent : await unpack("packed-trials"));
}

// A column says what it is called, how a trial's value is had, and how it is told.
//   kind: "number", "words" or "mixed"; better: "max", "min" or ""; varies: whether trials differ in it
export function columnsOf(search) {
  if (!search.columns) search.columns = made(search);
  return search.columns;
}

export function column(search, key) {
  return columnsOf(search).find((it) => it.key === key);
}

export function objective(search) {
  return column(search, `s:${search.objective}`);
}

export function parametersOf(search) {
  return columnsOf(search).filter((it) => it.group === "hyper-parameter");
}

export function trialOf(search, id) {
  return search.trials.find((it) => it.id === id);
}

function made(search) {
  const order = new Map(search.trials.map((trial, index) => [trial, index + 1]));
  const columns = [
    described("n", "order", "trial", (trial) => order.get(trial), count),
    described("id", "trial", "trial", (trial) => trial.id, String),
    ...search.hyperparameters.map((name) =>
      described(`p:${name}`, name, "hyper-parameter",
        (trial) => (Object.hasOwn(trial.values, name) ? plain(trial.values[name]) : null), told)),
    ...Object.entries(search.scores).map(([name, score]) => ({
      ...described(`s:${name}`, score.label, "score", (trial) => mean(trial, name), fraction(score)),
      better: score.direction,
      told: (trial) => meanAndDeviation(trial, name, fraction(score)),
      fraction: score.fraction,
    })),
    described("weights", "weights", "cost", (trial) => largest(trial, "parameters"), count),
    described("seconds", "training time", "cost", (trial) => time(trial), duration),
    described("status", "status", "outcome", (trial) => trial.status, String),
    described("message", "reason", "outcome", (trial) => trial.message || null, String),
  ];
  return columns.map((it) => ({ ...it, ...seen(it, search.trials) }));
}

function described(key, label, group, value, tell) {
  const words = (it) => (it === null || it === undefined ? MISSING : tell(it));
  return { key, label, group, value, words, better: "", told: (trial) => words(value(trial)) };
}

// What the trials' values are: numbers or words, how many different ones, on which scale.
function seen(column, trials) {
  const values = trials.map(column.value);
  const known = values.filter((it) => it !== null);
  const numbers = known.filter((it) => typeof it === "number");
  const kind = !known.length || numbers.length === known.length ? "number" : numbers.length ? "mixed" : "words";
  const distinct = [...new Set(known)];
  const low = smallest(numbers), high = greatest(numbers);
  return {
    kind: known.length ? kind : "words",
    distinct,
    low,
    high,
    varies: new Set(values).size > 1,
    log: kind === "number" && low > 0 && high / low >= SCALES.log && !["id", "n"].includes(column.key),
  };
}

// Of an array of any length: spreading thousands of values into Math.min may overflow the stack.
export const smallest = (values) => values.reduce((a, b) => (b < a ? b : a), Infinity);
export const greatest = (values) => values.reduce((a, b) => (b > a ? b : a), -Infinity);

// A column's values as categories in the search's own order, numbers first and upwards.
export function categories(column) {
  const numbers = column.distinct.filter((it) => typeof it === "number").sort((a, b) => a - b);
  const words = column.distinct.filter((it) => typeof it !== "number");
  return [...numbers, ...words];
}

// A hyper-parameter as it is compared: numbers as numbers, all else in words.
function plain(value) {
  if (value === null) return "all";
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? "True" : "False"; // as in Python, and in the terminal
  return (typeof value === "object" ? value.words : String(value)) || "none";
}

// Of a trial or a run that may still get a score.
export const isOpen = ({ status }) => ["not ended", "running", "idle"].includes(status);

function completed(trial) {
  return trial.attempts.filter((it) => it.status === "completed");
}

export function values(trial, score) {
  return completed(trial).map((it) => it.scores[score]).filter((it) => typeof it === "number");
}

function mean(trial, score) {
  const found = values(trial, score);
  return found.length ? found.reduce((a, b) => a + b, 0) / found.length : null;
}

export function deviation(trial, score) {
  const found = values(trial, score);
  if (found.length < 2) return null;
  const centre = mean(trial, score);
  return Math.sqrt(found.reduce((sum, it) => sum + (it - centre) ** 2, 0) / (found.length - 1));
}

function meanAndDeviation(trial, score, words) {
  const spread = deviation(trial, score), centre = words(mean(trial, score));
  if (spread === null) return centre;
  return centre.endsWith("%")
    ? `${centre.slice(0, -2)} ± ${words(spread)}`
    : `${centre} ± ${words(spread)}`;
}

function largest(trial, name) {
  const found = trial.attempts.map((it) => it[name]).filter((it) => it !== null);
  return found.length ? Math.max(...found) : null;
}

function time(trial) {
  const timed = completed(trial).length ? completed(trial) : trial.attempts;
  const found = timed.map((it) => it.seconds).filter((it) => it !== null);
  return found.length ? found.reduce((a, b) => a + b, 0) / found.length : null;
}

// Words for values. As in the report: thin spaces in numbers and before a per cent sign.
export function fraction(score) {
  return score.fraction ? percent : number;
}

export function percent(value) {
  return value === null || value === undefined ? MISSING : `${(100 * value).toFixed(2)}${THIN}%`;
}

export function number(value) {
  if (value === null || value === undefined) return MISSING;
  if (value === 0) return "0";
  const size = Math.abs(value);
  const short = size >= 1e6 || size < 1e-4 ? value.toExponential(2) : String(Number(value.toPrecision(4)));
  return short.replace("-", "−");
}

export function count(value) {
  if (value === null || value === undefined) return MISSING;
  const digits = String(Math.round(value));
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+$)/g, THIN);
}

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return MISSING;
  if (seconds < 10) return `${seconds.toFixed(1)}${THIN}s`;
  if (seconds < 60) return `${Math.round(seconds)}${THIN}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}${THIN}min ${Math.round(seconds % 60)}${THIN}s`;
  return `${Math.floor(minutes / 60)}${THIN}h ${minutes % 60}${THIN}min`;
}

function told(value) {
  if (value === null) return MISSING;
  if (typeof value !== "number") return value;
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? count(value) : number(value);
}

export function plural(amount, one, several = `${one}s`) {
  return `${count(amount)} ${amount === 1 ? one : several}`;
}

export function list(items) {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
