"use strict";

// Side notes stand open, and are folded on a narrow screen, where they would come between the sentences.
{
  const notes = document.querySelectorAll("details.box");
  const open = matchMedia("(min-width: 48rem), print");
  const arrange = () => notes.forEach((note) => (note.open = open.matches));
  open.addEventListener("change", arrange);
  arrange();
}
