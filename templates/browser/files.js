// What is shown, as CSV and JSON.

import { download, fileName } from "browser/elements.js";
import { columnsOf } from "browser/trials.js";

// A row a trial, a column each, numbers in full; a cell that a spreadsheet would compute is quoted words.
export function csv(search, rows) {
  const columns = columnsOf(search).filter((it) => it.key !== "n");
  const quoted = (value) => {
    if (value === null) return "";
    if (typeof value === "number") return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const lines = [columns.map((it) => quoted(it.label)), ...rows.map((trial) => columns.map((it) => quoted(it.value(trial))))];
  return `${lines.map((it) => it.join(",")).join("\r\n")}\r\n`;
}

export function json(search, rows) {
  const { name, title, objective, direction, classes } = search;
  const trials = rows.map(({ id, values, status, message, attempts, confusion = [] }) =>
    ({ trial_id: id, hyperparameters: values, status, message, runs: attempts, confusion }));
  return `${JSON.stringify({ name, title, objective, direction, classes, trials }, null, 2)}\n`;
}

export function save(kind, { search, rows }) {
  const content = kind === "csv" ? csv(search, rows) : json(search, rows);
  download(fileName(search, "trials", kind), content, kind === "csv" ? "text/csv" : "application/json");
}
