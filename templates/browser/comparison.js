// Two to five trials side by side: what differs is marked, and their curves lie over one another.

import { element, refill, table } from "browser/elements.js";
import { columnsOf, plural, trialOf } from "browser/trials.js";
import { MOST_COMPARED } from "browser/selection.js";

export function draw(place, { search, state, change }) {
  const trials = state.compared.map((id) => trialOf(search, id));
  place.hidden = !trials.length;
  if (!trials.length) return refill(place);
  const rows = columnsOf(search).filter((it) => !["n", "id"].includes(it.key)).map((it) => row(it, trials));
  const differing = rows.filter(([first]) => "differs" in first.dataset).length;
  return refill(place,
    element("h3", {}, "Side by side"),
    element("p", {},
      trials.length < 2 ? `Choose a second trial in the table, and up to ${MOST_COMPARED}.`
        : `${plural(trials.length, "trial")}; they differ in the ${plural(differing, "row")} marked ≠.`, " ",
      element("button", { type: "button", "data-focus": "none compared", onclick: () => change({ compared: [] }) }, "Take all away"), " ",
      element("button", { type: "button", "data-focus": "curves", onclick: () => change({ view: "curves" }) }, "Their learning curves")),
    table("Settings and results", ["what", ...trials.map((it) => `trial ${it.id}`)], rows, { class: "compared" }));
}

function row(column, trials) {
  const words = trials.map(column.told);
  const differs = new Set(words).size > 1;
  const heading = element("span", { "data-differs": differs || null, class: differs ? "differs" : null },
    differs ? "≠ " : "", column.label);
  return [heading, ...words.map((it) => element("td", { class: differs ? "differs" : null }, it))];
}
