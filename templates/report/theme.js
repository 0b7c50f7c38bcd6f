"use strict";

// Light or dark as the reader chose, before anything is drawn; without a choice the system's.
{
  const KEY = "assignment-report-theme"; // files share what a browser stores
  const THEMES = { "": "as the system", light: "light", dark: "dark" };

  const stored = () => {
    try {
      return localStorage.getItem(KEY) ?? "";
    } catch {
      return ""; // a browser that keeps nothing for files
    }
  };

  const store = (theme) => {
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // The choice holds for as long as the page is open.
    }
  };

  const show = (theme) => {
    if (theme in THEMES && theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
  };

  const choice = () => {
    const select = document.createElement("select");
    for (const [theme, name] of Object.entries(THEMES)) select.add(new Option(name, theme));
    select.value = document.documentElement.dataset.theme ?? "";
    select.addEventListener("change", () => {
      show(select.value);
      store(select.value);
    });
    const label = document.createElement("label");
    label.className = "theme";
    label.append("Colours: ", select);
    return label;
  };

  show(stored());
  addEventListener("DOMContentLoaded", () => {
    document.querySelector("nav.contents details")?.append(choice());
  });
}
