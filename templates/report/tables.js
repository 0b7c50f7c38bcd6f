"use strict";

// Tables are sorted by a click on a heading, and copied as text that spreadsheets take.
{
  const SECONDS = { ms: 0.001, s: 1, min: 60, h: 3600 };
  const PART = /(-?[\d.]+)\s*(ms|min|s|h)\b/g;

  // As it is printed, without the spaces within numbers and with the keyboard's minus.
  const plain = (cell) =>
    cell.textContent
      .replace(/\s+/g, " ")
      .replace(/(\d) (?=\d{3}(?!\d))/g, "$1")
      .replace(/(\d) %/g, "$1%")
      .replaceAll("\u2212", "-")
      .trim();

  // A duration in seconds, the number that the text begins with, else the text.
  const asRead = (cell) => {
    const text = plain(cell);
    const parts = Array.from(text.matchAll(PART));
    if (parts.length) return parts.reduce((sum, [, n, unit]) => sum + n * SECONDS[unit], 0);
    const number = parseFloat(text.replace(/^\+/, ""));
    return isNaN(number) ? text : number;
  };

  // The number that a printed value carries before it was rounded.
  const asHeld = (cell) => {
    const held = cell.querySelector("data");
    return held && held.value !== "" && !isNaN(held.value) ? Number(held.value) : plain(cell);
  };

  // A column is compared by what its values carry where all do, since they may be printed in another unit.
  const measure = (cells) =>
    cells.every((cell) => typeof asHeld(cell) === "number" || empty(plain(cell))) ? asHeld : asRead;

  const empty = (value) => value === "" || value === "\u2013";

  // What is missing comes last in either direction; words come after numbers.
  const compare = (a, b, direction) => {
    if (empty(a) || empty(b)) return empty(a) - empty(b);
    const words = (typeof a === "string") - (typeof b === "string");
    if (words) return words;
    return direction * (typeof a === "string" ? a.localeCompare(b) : a - b);
  };

  const NEXT = { none: "ascending", ascending: "descending", descending: "none" };

  // A third click brings the report's own order back.
  const sortable = (table) => {
    const body = table.tBodies[0];
    const rows = Array.from(body.rows);
    const headings = Array.from(table.tHead.rows[0].cells);
    headings.forEach((heading, column) => {
      if (!heading.textContent.trim()) return;
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const order = NEXT[heading.getAttribute("aria-sort") ?? "none"];
        headings.forEach((other) => other.removeAttribute("aria-sort"));
        if (order === "none") return body.append(...rows);
        heading.setAttribute("aria-sort", order);
        const direction = order === "ascending" ? 1 : -1;
        const worth = measure(rows.map((row) => row.cells[column]));
        const value = (row) => worth(row.cells[column]);
        body.append(...[...rows].sort((a, b) => compare(value(a), value(b), direction)));
      });
    });
  };

  // Rows that share a cell belong together, and two or three need no sorting.
  const canSort = (table) =>
    table.tHead?.rows.length === 1 &&
    table.tBodies.length === 1 &&
    table.tBodies[0].rows.length > 3 &&
    Array.from(table.tBodies[0].rows).every(
      (row) =>
        row.cells.length === table.tHead.rows[0].cells.length &&
        Array.from(row.cells).every((cell) => cell.rowSpan === 1 && cell.colSpan === 1),
    );

  const asText = (table) =>
    Array.from(table.rows, (row) => Array.from(row.cells, plain).join("\t")).join("\n") + "\n";

  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy"); // where a page from a file may not use the clipboard
      area.remove();
    }
  };

  const copyable = (table) => {
    const button = document.createElement("button");
    const name = table.caption.querySelector("b").textContent;
    button.type = "button";
    button.className = "tool";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy ${name}`);
    button.addEventListener("click", async () => {
      await copy(asText(table));
      button.textContent = "Copied";
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    table.caption.append(" ", button);
  };

  // Only what is wider than its place is a stop for the keyboard.
  const reach = (region) => {
    const scrolls = region.scrollWidth > region.clientWidth;
    if (scrolls) region.tabIndex = 0;
    else region.removeAttribute("tabindex");
  };

  for (const figure of document.querySelectorAll("figure.table")) {
    const table = figure.querySelector("table");
    if (canSort(table)) sortable(table);
    copyable(table);
  }
  const regions = document.querySelectorAll(".scroll");
  const all = () => regions.forEach(reach);
  addEventListener("resize", all, { passive: true });
  all();
}
