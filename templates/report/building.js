"use strict";

// While its build goes on the page looks again by itself, and stays where the reader is. It stops when
// the build is done, or has not been heard of for an hour.
{
  const EVERY = 15; // seconds
  const LONGEST = 3600; // seconds
  const built = document.querySelector("[data-growing]")?.dataset.growing;
  const busy = () => document.hidden || document.querySelector("dialog[open]");

  const look = () => {
    if (Date.now() - Date.parse(built) > 1000 * LONGEST) return;
    if (busy()) setTimeout(look, 1000);
    else location.reload();
  };

  if (built) setTimeout(look, 1000 * EVERY);
}
