// The page of a build that goes on looks again by itself, and comes back to where its reader was.

const EVERY = 15_000; // milliseconds; a build writes the page no more often
const KEPT = "where the reader was";

export function start(building) {
  const before = kept("getItem");
  kept("removeItem");
  if (before) scrollTo(0, Number(before));
  if (building) setInterval(look, EVERY);
}

// Not while the reader types, chooses, or looks elsewhere.
function look() {
  if (document.hidden || document.activeElement?.matches("input[type=search], input[type=number], select") || document.querySelector("details[open]")) return;
  kept("setItem", String(scrollY));
  location.reload();
}

// A browser may forbid a page from a disk to keep anything.
function kept(what, ...given) {
  try {
    return sessionStorage[what](KEPT, ...given);
  } catch {
    return null;
  }
}
