/** Light or dark: as the page around says it, else as the system does. */

import { signal } from "@preact/signals";

const SYSTEM = "(prefers-color-scheme: dark)";

/** Return "light" or "dark", by the marks of Furo, JupyterLab, VS Code and marimo. */
export function mode() {
  for (const { dataset, classList } of [document.body, document.documentElement]) {
    if (dataset.jpThemeLight) return dataset.jpThemeLight === "true" ? "light" : "dark";
    if (dataset.theme === "light" || dataset.theme === "dark") return dataset.theme;
    if (classList.contains("vscode-dark") || classList.contains("dark")) return "dark";
    if (classList.contains("vscode-light") || classList.contains("light")) return "light";
  }
  return matchMedia(SYSTEM).matches ? "dark" : "light";
}

/** Return a signal of the mode, and a function that stops watching it. */
export function watchMode() {
  const now = signal(mode());
  const look = () => (now.value = mode());
  const system = matchMedia(SYSTEM);
  system.addEventListener("change", look);
  const observer = new MutationObserver(look);
  const options = { attributes: true };
  observer.observe(document.documentElement, options);
  observer.observe(document.body, options);
  const stop = () => {
    system.removeEventListener("change", look);
    observer.disconnect();
  };
  return [now, stop];
}
