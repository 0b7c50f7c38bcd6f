"use strict";

// Missing values come last in either direction; numbers are compared as numbers.
function compare(a, b, direction) {
  if (a === "" || b === "") return (a === "") - (b === "");
  const order = isNaN(a) || isNaN(b) ? a.localeCompare(b) : a - b;
  return direction * order;
}

// A trial is a tbody of two rows, its summary and its details, so that they move together.
function sort(table, column, direction) {
  const value = (body) => body.rows[0].cells[column].dataset.value;
  const bodies = Array.from(table.tBodies);
  bodies.sort((a, b) => compare(value(a), value(b), direction));
  table.append(...bodies);
}

for (const table of document.querySelectorAll("table.trials")) {
  const headings = Array.from(table.tHead.rows[0].cells);
  headings.forEach((heading, column) => {
    const button = heading.querySelector("button");
    if (!button) return;
    button.addEventListener("click", () => {
      const descending = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
      sort(table, column, descending ? -1 : 1);
    });
  });
  table.addEventListener("click", (event) => {
    const button = event.target.closest("button.open");
    if (button) toggle(button);
  });
  table.querySelectorAll("button.open").forEach(toggle);
}

// Without this script every trial is open; with it, every trial starts closed.
function toggle(button) {
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", String(open));
  document.getElementById(button.getAttribute("aria-controls")).hidden = !open;
}
