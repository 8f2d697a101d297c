/** A new segment of any family, which goes on where the schedule ends. */

import { FAMILIES } from "../rules.js";
import { round125, tidy } from "./units.js";

const FIRST_RATE = 1e-3;
const FIRST_STEPS = 1000;

/** Return where a new segment begins, and how long it is: as the whole before it, or 1000 steps. */
export function startOf(schedule) {
  if (!schedule) return { start: null, steps: FIRST_STEPS, top: FIRST_RATE };
  const { end, steps, top } = schedule;
  return { start: end, steps: Math.max(1, steps), top: top || FIRST_RATE };
}

/**
 * Return the data of a family.
 * @param {string} tag
 * @param {{start?: number | null, end?: number, steps: number, top?: number}} from
 */
export function fresh(tag, { start, end, steps, top = FIRST_RATE }) {
  const rises = tag === "linear" || tag === "sqrt" || tag === "tanh";
  const first = start ?? (rises && tag !== "tanh" ? 0 : top);
  const high = first || (rises ? 0 : top);
  const low = end ?? (rises && !first ? top : 0);
  const above = low > 0 && low <= high ? low : tidy(high / 100);
  const part = Math.max(1, Math.round(steps / 4));
  const values = {
    start: high,
    end: low,
    steps,
    value: high,
    floor: above,
    peak: high,
    power: tag === "power_law" ? 0.5 : 2,
    period: Math.max(2, 2 * part),
    rate: round125(3 / steps),
    ratio: tag === "exponential_cooldown" ? 0.01 : 0.5,
    every: part,
    timescale: Math.max(1, round125(steps / 10)),
    upper: steps,
    rates: [high, tidy(high / 2), low],
    knots: [0, part, Math.max(steps, part + 1)],
    values: [high, tidy(high / 10)],
    boundaries: [Math.max(1, 2 * part)],
  };
  if (tag === "log_linear" || tag === "exp_hyperbolic") values.end = above;
  const fields = FAMILIES[tag].fields.filter(
    ({ name, default: given }) => given === undefined || name === "steps" || name === "every",
  );
  return { type: tag, ...Object.fromEntries(fields.map(({ name }) => [name, values[name]])) };
}
