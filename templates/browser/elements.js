// Small helpers around the document. Text is always set as text, never as markup.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((it) => it !== null && it !== undefined));
  return made;
}

export function table(caption, headings, rows, attributes = {}) {
  const head = element("tr", {}, ...headings.map((it) => element("th", { scope: "col" }, it)));
  const lines = rows.map(([first, ...others]) =>
    element("tr", {}, element("th", { scope: "row" }, first), ...others.map((it) =>
      it instanceof Node && it.nodeName === "TD" ? it : element("td", {}, it))));
  return scrolling(caption, element("table", attributes,
    element("caption", {}, caption), element("thead", {}, head), element("tbody", {}, ...lines)));
}

// What may be wider than the window scrolls by itself, and a keyboard reaches it.
export function scrolling(label, ...children) {
  return element("div", { class: "scroll", role: "region", "aria-label": label, tabindex: "0" }, ...children);
}

// Fill a place anew and leave the focus and the caret where they were, if what had them is there again.
export function refill(place, ...children) {
  const { dataset, selectionStart, selectionEnd } = document.activeElement;
  const focused = place.contains(document.activeElement) ? dataset.focus : null;
  place.replaceChildren(...children.filter(Boolean));
  if (!focused) return;
  const again = place.querySelector(`[data-focus="${CSS.escape(focused)}"]`);
  again?.focus({ preventScroll: true });
  if (typeof selectionStart === "number") again?.setSelectionRange(selectionStart, selectionEnd);
}

// The text that a script element of the page holds, packed by gzip and in base64.
export async function unpack(id) {
  const packed = atob(document.getElementById(id).textContent.trim());
  const bytes = new Uint8Array(packed.length);
  for (let at = 0; at < packed.length; at += 1) bytes[at] = packed.charCodeAt(at); // Uint8Array.from takes a tenth of a second
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

export function download(name, content, type) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  element("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

// A file's name from a search's, whatever that is called.
export function fileName(search, what, ending) {
  return `${search.name.replace(/[^\p{L}\p{N}_-]+/gu, "-").slice(0, 60)}-${what}.${ending}`;
}
