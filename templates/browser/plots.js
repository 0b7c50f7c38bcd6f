// Plotly, unpacked when the first plot is drawn, and what all plots have in common.

import { element, download, fileName, unpack } from "browser/elements.js";
import { categories, count } from "browser/trials.js";

// Okabe and Ito's colours, which are told apart without red and green; yellow is left out on white.
export const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#7f7f7f"];
// From bad to good. On white Viridis, which ends in a pale yellow, is left before that.
const ON_WHITE = [[0, "#440154"], [0.35, "#31688e"], [0.7, "#1b8a5a"], [1, "#c79a00"]];
const DASHES = ["solid", "dash", "dot", "dashdot", "longdash"];
const SYMBOLS = ["circle", "square", "diamond", "cross", "triangle-up"];
const MANY = 1500; // points beyond which WebGL draws them
// Without its bar of buttons, one of which would send the data to a service.
const CONFIG = { displaylogo: false, displayModeBar: false, responsive: true };

let loading = null;

export function plotly() {
  loading ??= unpacked();
  return loading;
}

async function unpacked() {
  const source = URL.createObjectURL(new Blob([await unpack("plotly")], { type: "text/javascript" }));
  await new Promise((resolve, reject) => {
    document.head.append(element("script", { src: source, onload: resolve, onerror: reject }));
  });
  URL.revokeObjectURL(source);
  return window.Plotly;
}

export function looks(index) {
  return {
    colour: COLOURS[index % COLOURS.length],
    dash: DASHES[Math.floor(index / COLOURS.length) % DASHES.length],
    symbol: SYMBOLS[index % SYMBOLS.length],
  };
}

export const pointsOf = (amount) => (amount > MANY ? "scattergl" : "scatter");

// Draw a figure: its title, the plot, the sentence that says what it shows, and its file.
//   drawing: { title, sentence, traces, layout, height, on: {event: handler}, shape: Plotly's layout }
// `target` holds an earlier drawing of the same kind, which is changed: making one anew takes longer,
// and a browser has few WebGL contexts.
export async function figure(place, drawing, search, target = canvas()) {
  target.style.height = `${drawing.height ?? 380}px`;
  const made = element("figure", {},
    target,
    element("figcaption", {}, drawing.sentence, " ", element("button", {
      type: "button", class: "quiet", onclick: () => saved(target, drawing, search),
    }, "Save as SVG")));
  place.append(made);
  const library = await plotly();
  if (!made.isConnected) return null;
  await library.react(target, drawing.traces, styled(drawing.layout ?? {}), CONFIG);
  labelled(target, drawing.title);
  for (const [event, handler] of Object.entries(drawing.on ?? {})) {
    target.removeAllListeners(event);
    target.on(event, (told) => setTimeout(() => handler(told))); // when Plotly has done with it
  }
  return target;
}

export const canvas = () => element("div", { class: "plot" });

// Give back what a plot holds that is not shown any longer.
export function dropped(target) {
  if (target?.data) window.Plotly.purge(target);
}

async function saved(target, drawing, search) {
  const library = await plotly();
  const address = await library.toImage(target, { format: "svg", width: 900, height: drawing.height ?? 420 });
  const svg = decodeURIComponent(address.slice(address.indexOf(",") + 1));
  download(fileName(search, drawing.title.toLowerCase().replaceAll(" ", "-"), "svg"), svg, "image/svg+xml");
}

// A drawing is an image with a name; its numbers are in the table.
function labelled(target, title) {
  for (const drawn of target.querySelectorAll("svg.main-svg")) drawn.setAttribute("aria-hidden", "true");
  target.setAttribute("role", "img");
  target.setAttribute("aria-label", title);
}

// A colour of the page's style, by its name there.
export const shade = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

export const scale = () => (getComputedStyle(document.documentElement).colorScheme === "dark" ? "Viridis" : ON_WHITE);

function styled(layout) {
  const axis = { gridcolor: shade("--rule"), zerolinecolor: shade("--rule"), linecolor: shade("--muted"), automargin: true };
  const own = Object.fromEntries(Object.entries(layout)
    .map(([name, value]) => (/^[xy]axis/.test(name) ? [name, { ...axis, ...value }] : [name, value])));
  return {
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: shade("--ink"), family: shade("--font"), size: 12 },
    margin: { l: 60, r: 20, t: layout.showlegend === false ? 10 : 34, b: 45 }, colorway: COLOURS, hovermode: "closest",
    legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" }, xaxis: axis, yaxis: axis, ...own,
  };
}

// A column as an axis: words in the search's order, large spans of positive numbers logarithmic.
export function axis(column, title = column.label) {
  if (column.kind !== "number") {
    const words = categories(column).map((it) => column.words(it));
    return { title: { text: title }, type: "category", categoryorder: "array", categoryarray: words };
  }
  return {
    title: { text: title },
    type: column.log ? "log" : "linear",
    ...(column.fraction ? { tickformat: ".1%" } : {}),
    ...(column.log ? decades(column) : {}),
  };
}

// An axis on which one score alone does not stand between less than nothing and more than all.
export function around(score, values) {
  const [only, ...others] = new Set(values.filter((it) => it !== null));
  return !score.fraction || only === undefined || others.length ? {} : { range: [only - 0.05, only + 0.05] };
}

// Marks at the values tried if they are few, else at powers of ten.
function decades(column) {
  if (column.distinct.length > 8) return { dtick: 1, exponentformat: "power" };
  const values = categories(column);
  return { tickmode: "array", tickvals: values, ticktext: values.map((it) => column.words(it)) };
}

// A trial's value on such an axis.
export function coordinate(column, trial) {
  const value = column.value(trial);
  return column.kind === "number" || value === null ? value : column.words(value);
}

// What a rectangle on an axis chooses: a range of numbers, or the words under it.
export function brushed(column, span) {
  const [low, high] = [...span].sort((a, b) => a - b);
  if (column.kind === "number") return { ranges: [[low, high]] };
  return { choices: categories(column).filter((_, index) => index >= low && index <= high) };
}

export const trials = (amount) => `${count(amount)} ${amount === 1 ? "trial" : "trials"}`;
