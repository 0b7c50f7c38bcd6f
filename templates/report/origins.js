"use strict";

// Where a printed value comes from: shown beside it while the pointer rests on it or it has the focus. One
// value of each section can be reached with Tab, the others from it with the arrow keys; Escape hides the note.
{
  const held = JSON.parse(document.getElementById("origins").textContent);
  const values = Array.from(document.querySelectorAll("data[data-path], data[data-source]"));
  const note = document.createElement("div");
  note.id = "origin";
  note.className = "origin";
  note.setAttribute("role", "tooltip");
  note.hidden = true;
  document.body.append(note);

  const plain = (path) => decodeURIComponent(path).replace(/^-/, "").split("/");

  const runsOf = (section, path) => {
    const steps = path.replace(/^-/, "").split("/");
    for (let end = steps.length; end > 1; end -= 1) {
      const runs = section.runs[steps.slice(0, end).join("/")];
      if (runs) return runs;
    }
    return [];
  };

  const line = (label, text, tag = "span") => {
    const row = document.createElement("p");
    const name = document.createElement("b");
    const said = document.createElement(tag);
    name.textContent = `${label} `;
    said.textContent = text;
    row.append(name, said);
    return row;
  };

  const lines = (value) => {
    const source = value.dataset.source;
    if (source) return [line("No result:", source === "setting" ? "a setting" : `reported in ${source}`)];
    const paths = value.dataset.path.split(" ").filter((path) => path !== "each");
    const [name, ...steps] = plain(paths[0]);
    const more = paths.length > 1 ? `, and ${paths.length - 1} more` : "";
    const found = [line("results.json:", [name, ...steps].join(" › ") + more), line("Value:", value.value)];
    const section = held[name];
    if (!section) return found;
    const runs = Array.from(new Set(paths.flatMap((path) => runsOf(section, path))));
    const listed = runs.slice(0, 4).join(", ") + (runs.length > 4 ? `, and ${runs.length - 4} more` : "");
    found.push(line("Section:", section.title));
    found.push(line("Runs:", listed || `${section.count}, all that the section read`));
    if (section.seeds.length) found.push(line("Seeds:", section.seeds.join(", ")));
    if (section.data.length) found.push(line("Data:", section.data.join("; ")));
    found.push(line("Again:", section.command, "code"));
    return found;
  };

  const show = (value) => {
    note.replaceChildren(...lines(value));
    note.hidden = false;
    value.setAttribute("aria-describedby", note.id);
    const at = value.getBoundingClientRect();
    const left = Math.min(at.left, document.documentElement.clientWidth - note.offsetWidth - 8);
    const below = at.bottom + note.offsetHeight + 8 < innerHeight;
    note.style.left = `${Math.max(8, left) + scrollX}px`;
    note.style.top = `${(below ? at.bottom + 4 : at.top - note.offsetHeight - 4) + scrollY}px`;
  };

  let waiting = 0;
  const hide = () => {
    clearTimeout(waiting);
    note.hidden = true;
    document.querySelector("[aria-describedby='origin']")?.removeAttribute("aria-describedby");
  };
  const later = (act, milliseconds) => {
    clearTimeout(waiting);
    waiting = setTimeout(act, milliseconds);
  };

  const groups = new Map();
  values.forEach((value) => {
    const home = value.closest("section, .section-part, header") ?? document.body;
    groups.set(home, [...(groups.get(home) ?? []), value]);
    value.tabIndex = groups.get(home).length === 1 ? 0 : -1;
    value.addEventListener("pointerenter", () => later(() => show(value), 250));
    value.addEventListener("pointerleave", () => later(hide, 250));
    value.addEventListener("focus", () => show(value));
    value.addEventListener("blur", hide);
    value.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const group = groups.get(home);
      const next = step && group[group.indexOf(value) + step];
      if (!next) return;
      event.preventDefault();
      value.tabIndex = -1;
      next.tabIndex = 0;
      next.focus();
    });
  });
  note.addEventListener("pointerenter", () => clearTimeout(waiting)); // so that its text can be copied
  note.addEventListener("pointerleave", () => later(hide, 250));
  addEventListener("keydown", (event) => event.key === "Escape" && hide());
}
