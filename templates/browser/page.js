// The page: one state, and every part drawn from it whenever it changes.

import { element, refill } from "browser/elements.js";
import { plural, read } from "browser/trials.js";
import { chosen, fromAddress, start, toAddress } from "browser/selection.js";
import * as table from "browser/table.js";
import * as filters from "browser/filters.js";
import * as trial from "browser/trial.js";
import * as comparison from "browser/comparison.js";
import * as searches from "browser/searches.js";
import * as views from "browser/views.js";
import { save } from "browser/files.js";
import * as theme from "browser/theme.js";
import * as again from "browser/again.js";

const places = Object.fromEntries(["choice", "overview", "search", "heading", "filters", "table", "files", "opened", "compared", "views", "said"]
  .map((name) => [name, document.getElementById(`place-${name}`)]));
const data = await read();
let state = fromAddress(location.hash, data.searches);
if (!state.search && data.searches.length === 1) state = start(data.searches[0].name);

function change(patch) {
  const before = state;
  state = { ...state, ...patch };
  history.replaceState(null, "", toAddress(state));
  draw(before);
}

function context() {
  const search = data.searches.find((it) => it.name === state.search);
  return { ...data, search, state, change, rows: search ? chosen(search, state) : [] };
}

function draw(before = {}) {
  const it = context();
  places.overview.hidden = Boolean(it.search);
  places.search.hidden = !it.search;
  choice(it);
  if (!it.search) return searches.draw(places.overview, it);
  places.overview.replaceChildren();
  if (before.search !== state.search) heading(it);
  it.kept = before.search === state.search && before.sort === state.sort && before.text === state.text;
  filters.draw(places.filters, it);
  table.draw(places.table, it);
  files(it);
  if (before.open !== state.open || before.search !== state.search) {
    trial.draw(places.opened, it);
    if (state.open && before.search) document.getElementById("opened")?.focus();
    if (before.open && !state.open) focusOn(`open ${before.open}`);
  }
  comparison.draw(places.compared, it);
  places.said.textContent = `${plural(it.rows.length, "trial")} shown`;
  return views.draw(places.views, it);
}

function focusOn(name) {
  document.querySelector(`[data-focus="${CSS.escape(name)}"]`)?.focus();
}

const FEW = 6; // searches that stand in a row; more, in a list that opens

function choice({ searches: all }) {
  if (all.length > FEW) return choiceOfMany(all);
  const link = (name, words) => element("li", {}, element("a", {
    href: toAddress(start(name)), "aria-current": state.search === name ? "page" : null,
  }, words));
  refill(places.choice, all.length < 2 ? null : element("ul", {},
    link("", "All searches"), ...all.map((it) => link(it.name, it.title))));
}

function choiceOfMany(all) {
  const option = (name, words) => element("option", { value: name, selected: name === state.search }, words);
  refill(places.choice, element("label", { for: "choice" }, "Search "), element("select", {
    id: "choice", "data-focus": "choice", onchange: (event) => { location.hash = toAddress(start(event.target.value)); },
  }, option("", "All searches"), ...all.map((it) => option(it.name, it.title))));
}

function heading({ search }) {
  const common = Object.entries(search.common ?? {}).map(([name, value]) => `${name}=${value}`).join(", ");
  refill(places.heading,
    element("h2", {}, search.title),
    element("p", { class: "about" }, element("code", {}, search.name), `: ${search.algorithm} search`,
      search.about ? `, ${search.about}` : "", common ? `; the same in all trials: ${common}` : ""),
    element("p", { class: "leaders" }, search.verdict),
    search.uses?.length ? element("p", { class: "about" }, "Used in ",
      ...search.uses.flatMap((it, at) => [at ? ", " : "", element("a", { href: it.address }, it.title)])) : null);
}

function files(it) {
  const button = (kind) => element("button", { type: "button", "data-focus": kind, onclick: () => save(kind, it) },
    `Save what is shown as ${kind.toUpperCase()}`);
  refill(places.files, button("csv"), " ", button("json"));
}

addEventListener("hashchange", () => {
  const before = state;
  state = fromAddress(location.hash, data.searches);
  draw(before);
});
theme.start(document.getElementById("theme"), () => draw());
await draw();
again.start(data.building);
