"use strict";

// Side notes stand open beside the text, and are folded where there is no room beside it. On paper all
// are open.
{
  const notes = Array.from(document.querySelectorAll("details.box"));
  const wide = matchMedia("(min-width: 48rem)");
  const arrange = () => notes.forEach((note) => (note.open = wide.matches));
  wide.addEventListener("change", arrange);
  arrange();

  let open = [];
  addEventListener("beforeprint", () => {
    open = notes.map((note) => note.open);
    notes.forEach((note) => (note.open = true));
  });
  addEventListener("afterprint", () => notes.forEach((note, index) => (note.open = open[index])));
}
