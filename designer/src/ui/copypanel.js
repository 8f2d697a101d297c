/** The selected schedule as code. */

import { useState } from "preact/hooks";

import { TARGETS, copyAs } from "../copy.js";
import { html } from "./html.js";
import { Icon } from "./icons.js";

const WORDS = new RegExp(
  [
    /("""[^]*?"""|"(?:[^"\\\n]|\\.)*"|#.*)/,
    /\b(def|class|return|import|from|if|for|in|while|as)\b/,
    /\b(\d+(?:\.\d+)?(?:e[-+]?\d+)?)\b/,
  ]
    .map((kind) => kind.source)
    .join("|"),
  "g",
);

/** Return code with its texts, words and numbers marked. */
function marked(code) {
  const parts = [];
  let at = 0;
  for (const found of code.matchAll(WORDS)) {
    const [text, quoted, word] = found;
    const kind = quoted ? (quoted[0] === "#" ? "remark" : "quoted") : word ? "word" : "number";
    parts.push(code.slice(at, found.index), html`<span class=${kind}>${text}</span>`);
    at = found.index + text.length;
  }
  return [...parts, code.slice(at)];
}

/** Put a text on the clipboard; return whether it is there. */
export async function copyText(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    place.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** A button that copies, and says so. */
export function CopyButton({ store, text, what, kind = "main" }) {
  const [done, setDone] = useState(false);
  const copy = async ({ currentTarget }) => {
    const well = await copyText(text(), currentTarget.parentNode);
    currentTarget.focus();
    store.said.value = well ? `${what} copied` : `${what} could not be copied; select it and copy`;
    setDone(well);
    setTimeout(() => setDone(false), 1500);
  };
  return html`<button type="button" class=${kind} onClick=${copy}>
    <${Icon} name=${done ? "done" : "copy"} /> ${done ? "Copied" : `Copy ${what}`}
  </button>`;
}

export function CopyPanel({ store, target }) {
  const schedule = store.schedule.value;
  const names = Object.keys(TARGETS);
  const now = target.value;
  const code = schedule ? copyAs(now, schedule.data) : "";
  const { title, language } = TARGETS[now];
  const onKeyDown = (event) => {
    const i = names.indexOf(now);
    const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    target.value = names.at(to % names.length);
    event.currentTarget.children[names.indexOf(target.value)].focus();
  };
  return html`<section class="card copy" aria-label="Copy as">
    <div class="title">
      <h2>Copy as</h2>
      ${
        schedule &&
        html`<${CopyButton} key=${now} store=${store} text=${() => code} what=${title} />`
      }
    </div>
    <div class="tabs" role="tablist" aria-label="Copy as" onKeyDown=${onKeyDown}>
      ${names.map(
        (name) => html`<button
          type="button"
          role="tab"
          aria-selected=${name === now}
          tabindex=${name === now ? 0 : -1}
          onClick=${() => (target.value = name)}
        >
          ${TARGETS[name].title}
        </button>`,
      )}
    </div>
    ${
      schedule
        ? html`<pre tabindex="0" role="tabpanel" aria-label=${`${title} code`}><code>${
            language === "text" ? code : marked(code)
          }</code></pre>`
        : html`<p class="empty" role="tabpanel" aria-label=${`${title} code`}>
            Here is the code once there is a
        segment.</p>`
    }
  </section>`;
}
