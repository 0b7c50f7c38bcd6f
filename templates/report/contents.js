"use strict";

// The contents follow the reader: the section being read is marked. On a narrow screen they are folded
// under a line that names it.
{
  const TOP = 100; // pixels; a place that was gone to stands a little under the edge
  const nav = document.querySelector("nav.contents");
  const fold = nav.querySelector("details");
  const wide = matchMedia("(min-width: 64rem), print");
  const links = Array.from(nav.querySelectorAll("a[href^='#']"));
  const places = links.map((link) => document.getElementById(link.hash.slice(1)));
  const here = document.createElement("span");
  here.className = "here";
  fold.querySelector("summary").append(here);
  let current = null;

  const mark = (link) => {
    if (link === current) return;
    current?.removeAttribute("aria-current");
    link?.setAttribute("aria-current", "location");
    here.textContent = link ? link.textContent.replace(/\s+/g, " ").trim() : "";
    current = link;
    if (link && wide.matches) reveal(link);
  };

  // Only the contents scroll for it, never the page.
  const reveal = (link) => {
    const inner = link.getBoundingClientRect();
    const outer = nav.getBoundingClientRect();
    if (inner.top < outer.top || inner.bottom > outer.bottom) {
      nav.scrollTop += inner.top - outer.top - outer.height / 3;
    }
  };

  // The last place that begins at the top of the window or above it.
  const follow = () => {
    let found = null;
    places.forEach((place, index) => {
      if (place && place.getBoundingClientRect().top <= TOP) found = links[index];
    });
    mark(found);
  };

  let asked = false;
  const later = () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      follow();
    });
  };

  const arrange = () => {
    fold.open = wide.matches;
    fold.querySelector("summary").tabIndex = wide.matches ? -1 : 0; // beside the text nothing folds
    follow();
  };

  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later, { passive: true });
  wide.addEventListener("change", arrange);
  nav.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) fold.open = false;
  });
  arrange();
}
