/** A card of one schedule, for pages of the documentation: curve, fields, code. */

import { signal } from "@preact/signals";
import { render } from "preact";

import { FAMILIES } from "../rules.js";
import { landmarks } from "../sampling.js";
import { TARGETS, copyAs } from "../copy.js";
import { CopyButton } from "./copypanel.js";
import { RuleFields } from "./field.js";
import { html } from "./html.js";
import { Sparkline } from "./icons.js";
import { room } from "./mount.js";
import { at } from "./segments.js";
import { encode, readState } from "./state.js";
import { Store } from "./store.js";
import { lengthText, rateText } from "./units.js";

/** Fields of more schedules than these are not shown: the designer shows them all. */
const MOST = 3;

/** Return where schedules with numbers stand in some data. */
function places(data, path = []) {
  const inside = data.parts
    ? data.parts.flatMap((part, i) => places(part, [...path, "parts", i]))
    : data.schedule
      ? places(data.schedule, [...path, "schedule"])
      : [];
  const own = FAMILIES[data.type].fields.some(({ kind }) => kind === "number" || kind === "list");
  return own ? [path, ...inside] : inside;
}

function Card({ store, target, designer }) {
  const data = store.entry.value.schedule;
  const all = places(data);
  const fields = all.slice(0, MOST).map((path) => {
    const { type } = at(data, path);
    const family = FAMILIES[type];
    return html`<fieldset key=${path.join()}>
      <legend>${family.title}</legend>
      <${RuleFields} ...${{ store, path }} title=${family.title} />
    </fieldset>`;
  });
  const { rate, steps, end } = store.schedule.value;
  const highest = Math.max(...landmarks(store.schedule.value).map((mark) => mark.rate));
  const count = lengthText(steps, store.view.value);
  const ends = steps === Infinity ? "without an end" : `to ${rateText(end)} in ${count}`;
  const address = `${designer}#${encode(store.state.value)}`;
  const pick = ({ currentTarget }) => (target.value = currentTarget.value);
  const { title } = TARGETS[target.value];
  return html`<div class="live" data-lm-suppress-shortcuts="true">
    <${Sparkline} schedule=${store.schedule.value} width=${320} height=${110} />
    <p class="note">
      ${`from ${rateText(rate(0))}, up to ${rateText(highest)}, ${ends}`}
    </p>
    ${fields}
    <div class="actions">
      <select aria-label="Copy as" value=${target.value} onChange=${pick}>
        ${Object.entries(TARGETS).map(
          ([name, each]) => html`<option value=${name}>${each.title}</option>`,
        )}
      </select>
      <${CopyButton} store=${store} text=${() => copyAs(target.value, data)} what=${title} />
      ${designer && html`<a class="quiet" href=${address}>Open in the designer</a>`}
    </div>
    <p class="said" role="status">${store.said}</p>
  </div>`;
}

/**
 * Put a card of a schedule into an element.
 * @param {Element} el
 * @param {object} options
 * @param {object} options.schedule its JSON form
 * @param {string} [options.name]
 * @param {string} [options.designer] the address of the designer's page
 * @returns {{destroy: () => void}}
 */
export function live(el, { schedule, name = "schedule", designer }) {
  const store = new Store(readState({ schedules: [{ name, schedule }] }));
  const { root, leave } = room(el, "cell");
  const card = html`<${Card} store=${store} target=${signal("glissando")} designer=${designer} />`;
  render(card, root);
  return { destroy: leave };
}
