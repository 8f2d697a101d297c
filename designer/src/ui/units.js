/** Steps as epochs, samples or tokens, and numbers as they are written and read. */

import { float } from "../rules.js";

export const UNITS = {
  step: { one: "step", many: "steps" },
  epoch: { one: "epoch", many: "epochs" },
  sample: { one: "sample", many: "samples" },
  token: { one: "token", many: "tokens" },
};

/** Return how many of the unit one step is. */
export function perStep({ unit, per_epoch, batch, tokens }) {
  return { step: 1, epoch: 1 / per_epoch, sample: batch, token: batch * tokens }[unit];
}

const SHORT = { k: 1e3, m: 1e6, b: 1e9, g: 1e9, t: 1e12 };

/** Return the number that a text says: 1e-3, 1_000, 10k, inf; the text itself if it is none. */
export function parse(text) {
  const plain = text.trim().replaceAll(/(?<=\d)[_ ](?=\d)/g, "");
  if (/^(math\.)?inf(inity)?$|^∞$/i.test(plain)) return Infinity;
  const [, digits, short] =
    plain.match(/^([+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)([kmbgt]?)$/i) ?? [];
  if (digits === undefined) return plain;
  return short ? tidy(Number(digits) * SHORT[short.toLowerCase()]) : Number(digits);
}

/** Return a number without the noise of its last digits. */
export const tidy = (value, digits = 12) => Number(value.toPrecision(digits));

/** Return a number exactly, as short as can be: what a field holds. */
export function exact(value) {
  if (value === Infinity) return "inf";
  return float(value).replace(/\.0$/, "").replace("e-0", "e-").replace("e+0", "e+");
}

/** Return a rate as it is read: four digits. */
export function rateText(value) {
  return exact(tidy(value, 4));
}

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** Return a count as it is read: 12,000; 1.5M. */
export function countText(value) {
  if (!Number.isFinite(value)) return "∞";
  for (const [size, sign] of [
    [1e12, "T"],
    [1e9, "B"],
    [1e6, "M"],
  ]) {
    if (Math.abs(value) >= size) return `${grouped.format(tidy(value / size, 4))}${sign}`;
  }
  return grouped.format(value);
}

/** Return a step in the unit of the view, with the unit's name. */
export function lengthText(steps, view) {
  const value = steps * perStep(view);
  const { one, many } = UNITS[view.unit];
  if (steps === Infinity) return "no end";
  return `${countText(value)} ${value === 1 ? one : many}`;
}

/** Return the largest of 1, 2, 5, 10, 20, ... at or below a number. */
export function round125(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  const digit = value / power;
  return tidy((digit >= 5 ? 5 : digit >= 2 ? 2 : 1) * power);
}
