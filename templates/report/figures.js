"use strict";

// A figure fills the window at a click, and goes back to its place with Escape.
{
  const dialog = document.createElement("dialog");
  const stage = document.createElement("div");
  const close = document.createElement("button");
  const caption = document.createElement("p");
  dialog.className = "enlarged";
  stage.className = "stage";
  stage.tabIndex = 0;
  stage.setAttribute("role", "group");
  caption.className = "caption";
  close.type = "button";
  close.textContent = "Close";
  dialog.append(close, stage, caption);
  document.body.append(dialog);
  let back = null;

  // The drawing itself moves, since a copy of it would repeat its identifiers.
  const enlarge = (figure) => {
    const drawing = figure.querySelector("svg, img");
    const place = document.createElement("div");
    place.style.height = `${drawing.getBoundingClientRect().height}px`;
    drawing.replaceWith(place);
    stage.append(drawing);
    const words = figure.querySelector("figcaption").cloneNode(true);
    words.querySelectorAll("button, details").forEach((it) => it.remove());
    caption.replaceChildren(...words.childNodes);
    dialog.setAttribute("aria-label", figure.querySelector("figcaption b").textContent);
    stage.setAttribute("aria-label", dialog.getAttribute("aria-label"));
    back = () => place.replaceWith(drawing);
    dialog.showModal();
  };

  dialog.addEventListener("close", () => {
    back?.();
    back = null;
  });
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  for (const figure of document.querySelectorAll("figure:not(.table)")) {
    const button = document.createElement("button");
    const name = figure.querySelector("figcaption b").textContent;
    button.type = "button";
    button.className = "tool";
    button.textContent = "Enlarge";
    button.setAttribute("aria-label", `Enlarge ${name}`);
    button.addEventListener("click", () => enlarge(figure));
    figure.querySelector("svg, img").addEventListener("click", () => {
      if (!dialog.open) enlarge(figure);
    });
    figure.classList.add("can-enlarge");
    const under = figure.querySelector("figcaption");
    under.insertBefore(button, under.querySelector("details"));
    button.before(" ");
  }
}
