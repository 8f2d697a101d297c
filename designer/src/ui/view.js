/** How curves are shown: axes and units; and what is read off them. */

import { area, drawnTo, landmarks } from "../sampling.js";
import { Field } from "./field.js";
import { html } from "./html.js";
import { UNITS, countText, exact, lengthText, parse, rateText } from "./units.js";

/** What a unit needs to be known, and its label. */
const NEEDS = {
  step: {},
  epoch: { per_epoch: "steps an epoch" },
  sample: { batch: "samples a step" },
  token: { batch: "samples a step", tokens: "tokens a sample" },
};

export function ViewOptions({ store }) {
  const view = store.view.value;
  const toggle = (name, label) => {
    const set = (on) => () =>
      on !== view[name] && store.show({ [name]: on }, `${label} ${on ? "logarithmic" : "linear"}`);
    const one = (
      on,
      text,
    ) => html`<button type="button" aria-pressed=${view[name] === on} onClick=${set(on)}>
      ${text}
    </button>`;
    return html`<div class="toggle" role="group" aria-label=${label}>
      <span aria-hidden="true">${label}</span>${one(false, "linear")}${one(true, "log")}
    </div>`;
  };
  const count = (name, typed) => {
    const value = parse(typed);
    if (!(Number.isInteger(value) && value >= 1)) {
      return `view: \`${name}\` must be a whole number, 1 or more, got ${typed || "nothing"}`;
    }
    store.show({ [name]: value }, `${NEEDS[view.unit][name]}: ${value}`);
    return null;
  };
  const turn = ({ currentTarget }) =>
    store.show({ unit: currentTarget.value }, `lengths in ${UNITS[currentTarget.value].many}`);
  return html`<div class="view">
    ${toggle("log", "Rates")} ${toggle("log_steps", "Steps")}
    <label class="unit">
      <span>Lengths in</span>
      <select value=${view.unit} onChange=${turn}>
        ${Object.entries(UNITS).map(
          ([unit, { many }]) => html`<option value=${unit}>${many}</option>`,
        )}
      </select>
    </label>
    ${Object.entries(NEEDS[view.unit]).map(
      ([name, label]) => html`<${Field}
        key=${name}
        label=${label}
        name=${name}
        text=${exact(view[name])}
        set=${(typed) => count(name, typed)}
      />`,
    )}
  </div>`;
}

/** The curve in words and numbers. */
export function Landmarks({ store }) {
  const schedule = store.schedule.value;
  const view = store.view.value;
  if (!schedule) return null;
  const { many } = UNITS[view.unit];
  const steps = drawnTo(schedule);
  const sum = area(schedule, steps);
  const until = schedule.steps === Infinity ? `, to ${lengthText(steps, view)}` : "";
  return html`<section class="card landmarks" aria-label="Landmarks">
    <h2>Landmarks</h2>
    <div class="columns">
      <table>
        <caption>${store.entry.value.name}</caption>
        <thead>
          <tr>
            <th scope="col">where</th>
            <th scope="col">${many}</th>
            <th scope="col">rate</th>
          </tr>
        </thead>
        <tbody>
          ${landmarks(schedule).map(
            ({ step, rate, what }) => html`<tr>
              <th scope="row">${what}</th>
              <td>${lengthText(step, view).split(" ")[0]}</td>
              <td>${rateText(rate)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
      <dl>
        <div><dt>area under the curve</dt><dd>${rateText(sum)}</dd></div>
        <div><dt>mean rate</dt><dd>${rateText(sum / steps)}</dd></div>
        <div><dt>length</dt><dd>${lengthText(schedule.steps, view)}</dd></div>
      </dl>
      <p class="note">The area is the sum of the rates of all updates${until}.</p>
    </div>
  </section>`;
}
