/** Fields of the whole schedule: its length, and its highest rate. */

import { RuleError } from "../rules.js";
import { landmarks } from "../sampling.js";
import { scaled, withSteps } from "./edges.js";
import { Field, nudged } from "./field.js";
import { html } from "./html.js";
import { chainOf, ending, segmentsOf } from "./segments.js";
import { built } from "./state.js";
import { UNITS, exact, parse, perStep, tidy } from "./units.js";

export function Wholes({ store }) {
  const schedule = store.schedule.value;
  const view = store.view.value;
  const per = perStep(view);
  const { many } = UNITS[view.unit];
  const highest = Math.max(...landmarks(schedule).map(({ rate }) => rate));
  const stretch = (typed, again) => {
    const asked = parse(typed);
    if (typeof asked !== "number" || !(asked > 0 && asked < Infinity)) {
      return `designer: the length must be a number above 0, got '${typed}'`;
    }
    const steps = Math.max(1, Math.round(asked / per));
    return store.reshape(
      `Whole length: ${typed} ${many}`,
      () => ofLength(schedule, steps),
      store.gestureOf(again),
    );
  };
  const lift = (typed, again) => {
    const asked = parse(typed);
    if (typeof asked !== "number" || !(asked >= 0 && asked < Infinity)) {
      return `designer: the rate must be a number, 0 or more, got '${typed}'`;
    }
    if (!highest) return "designer: rates of 0 cannot be scaled; give a segment a rate above 0";
    const change = () => scaled(schedule, asked / highest);
    return store.reshape(`Highest rate: ${typed}`, change, store.gestureOf(again));
  };
  return html`<div class="fields wholes">
    <${Field}
      label=${`whole length, in ${many}`}
      name="whole"
      text=${exact(tidy(schedule.steps * per))}
      set=${stretch}
      nudge=${(text, way) => nudged(text, way, per === 1)}
      hint="stretches all segments"
    />
    <${Field}
      label="highest rate"
      name="highest"
      text=${exact(tidy(highest))}
      set=${lift}
      nudge=${(text, way) => nudged(text, way, false)}
      hint="scales all rates"
    />
  </div>`;
}

/** Return the data of a schedule stretched to a length; its last segment is given an end. */
function ofLength(schedule, steps) {
  if (schedule.steps < Infinity) return withSteps(schedule, steps) ?? schedule.data;
  const segments = segmentsOf(schedule.data);
  const parts = schedule.type === "chain" ? schedule.parts.slice(0, -1) : [];
  const before = parts.reduce((sum, part) => sum + part.steps, 0);
  if (steps <= before) {
    throw new RuleError(
      `designer: the last segment never ends; write a length above ${before} steps to end it there`,
    );
  }
  const last = ending(segments.at(-1));
  return chainOf([...segments.slice(0, -1), withSteps(built(last), steps - before) ?? last]);
}
