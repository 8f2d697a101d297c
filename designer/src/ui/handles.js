/** The places of a curve that can be taken hold of, and what moving each does to the data. */

import { SIDE_BY_SIDE } from "../engine.js";
import { leftFor, withEnd, withStart, withSteps } from "./edges.js";
import { built } from "./state.js";
import { tidy } from "./units.js";

/** The points of a table of more are not shown. */
const MOST = 40;

const near = (x, y) => Math.abs(x - y) <= 1e-9 * Math.max(Math.abs(x), Math.abs(y));

/** Whether the second of two schedules begins at the rate where the first one ends. */
export const touching = (one, next) => one.steps < Infinity && near(one.end, next.rate(0));

/**
 * @typedef {object} Handle
 * @property {"start" | "corner" | "end" | "point" | "half"} name
 * @property {number} step
 * @property {number} rate
 * @property {boolean} level whether its step is fixed
 * @property {(to: {step: number, rate: number}) => object} move returns the new data
 * @property {number} [part] the segment that it belongs to
 */

/**
 * Return the handles of a built schedule, in the order of their steps.
 * @returns {Handle[]}
 */
export function handles(schedule) {
  return [start(schedule), ...inside(schedule), end(schedule)].filter(Boolean);
}

function start(schedule) {
  if (!schedule.steps || !withStart(schedule, schedule.rate(0))) return null;
  const move = ({ rate }) =>
    schedule.type === "chain"
      ? chained(schedule, 0, (part) => withStart(part, rate))
      : withStart(schedule, rate);
  return { name: "start", step: 0, rate: schedule.rate(0), level: true, move, part: 0 };
}

function end(schedule) {
  const { steps, parts, type } = schedule;
  if (!steps || steps === Infinity) return null;
  const level = !withSteps(schedule, steps + 1);
  if (level && !withEnd(schedule, schedule.end)) return null;
  const last = parts.length - 1;
  const move = ({ step, rate }) => {
    if (type !== "chain") return ended(schedule, step, rate);
    const before = steps - parts[last].steps;
    return chained(schedule, last, (part) => ended(part, step - before, rate));
  };
  return { name: "end", step: steps, rate: schedule.end, level, move, part: last };
}

/** Return the data of another length and another rate at its end. */
function ended(schedule, steps, rate) {
  const longer = withSteps(schedule, Math.max(1, Math.round(steps)));
  const made = longer ? built(longer) : schedule;
  return near(rate, made.end) ? made.data : (withEnd(made, rate) ?? made.data);
}

/** Change one part of a chain; neighbours that began or ended at its rates follow. */
function chained({ data, parts: old }, i, change) {
  const parts = [...old];
  parts[i] = built(change(old[i]) ?? old[i].data);
  return { ...data, parts: follow(old, parts, i).map((part) => part.data) };
}

function follow(old, parts, i) {
  for (let k = i; k + 1 < parts.length; k++) {
    if (!touching(old[k], old[k + 1]) || touching(parts[k], parts[k + 1])) break;
    parts[k + 1] = built(withStart(parts[k + 1], parts[k].end) ?? parts[k + 1].data);
  }
  for (let k = i; k > 0; k--) {
    if (!touching(old[k - 1], old[k]) || touching(parts[k - 1], parts[k])) break;
    parts[k - 1] = built(withEnd(parts[k - 1], parts[k].rate(0)) ?? parts[k - 1].data);
  }
  return parts;
}

function inside(schedule) {
  const { type, data, parts, fields } = schedule;
  const [first] = parts;
  if (type === "chain") return corners(schedule);
  if (data.knots) return tablePoints(schedule);
  if (type === "piecewise") return milestones(schedule);
  if (type === "cosine_wave") return [trough(schedule)];
  if (HALVES[type]) return half(schedule);
  if (SIDE_BY_SIDE[type]) return sideBySide(schedule);
  const found = parts.length === 1 ? inside(first) : [];
  const put = (handle, change = {}, back = (to) => to) => ({
    ...handle,
    ...change,
    move: (to) => ({ ...data, schedule: handle.move(back(to)) }),
  });
  if (type === "repeat") {
    const last = fields.times > 1 ? end(first) : null;
    const points = last ? [...found, { ...last, name: "point" }] : found;
    return points.map((handle) => put(handle));
  }
  if (type === "scale" && fields.factor) {
    return found.map((handle) =>
      put(handle, { rate: handle.rate * fields.factor }, ({ step, rate }) => ({
        step,
        rate: rate / fields.factor,
      })),
    );
  }
  if (type === "take") return found.filter(({ step }) => step < schedule.steps).map((h) => put(h));
  return ["strict", "open_ended", "clip"].includes(type) ? found.map((handle) => put(handle)) : [];
}

function corners(schedule) {
  const { parts, data } = schedule;
  const found = [];
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const begun = at;
    for (const handle of inside(part)) {
      const move = ({ step, rate }) =>
        chained(schedule, i, () => handle.move({ step: step - begun, rate }));
      found.push({ ...handle, step: begun + handle.step, move, part: i });
    }
    at += part.steps;
    const next = parts.findIndex((each, j) => j > i && each.steps > 0);
    if (at === Infinity || next < 0) break;
    if (!part.steps) continue;
    const joined = touching(part, parts[i + 1]);
    const left = end(part);
    const move = ({ step, rate }) => shifted(schedule, i, next, step - begun, rate);
    if (left) found.push({ ...left, name: joined ? "corner" : "end", step: at, move, part: i });
    if (joined && left) continue;
    const right = start(parts[next]);
    const lift = ({ rate }) => chained(schedule, next, (each) => withStart(each, rate));
    if (right) found.push({ ...right, step: at, move: lift, part: next });
  }
  return found;
}

/** Move a corner: what a part gains in steps, the next one loses, and the rates stay joined. */
function shifted({ data, parts: old }, i, next, steps, rate) {
  const [one, other] = [old[i], old[next]];
  const most = other.steps === Infinity ? Infinity : one.steps + other.steps - 1;
  const parts = [...old];
  parts[i] = built(ended(one, Math.min(steps, most), rate));
  const shorter = withSteps(other, other.steps - (parts[i].steps - one.steps));
  if (shorter) parts[next] = built(shorter);
  return { ...data, parts: follow(old, parts, i).map((part) => part.data) };
}

function tablePoints({ data }) {
  const { rates, knots } = data;
  const last = rates.length - 1;
  if (last > MOST) return [];
  return knots.slice(1, -1).map((step, at) => {
    const i = at + 1;
    const move = (to) => {
      const knot = Math.min(Math.max(to.step, knots[i - 1] + 1), knots[i + 1] - 1);
      return { ...data, rates: rates.with(i, to.rate), knots: knots.with(i, knot) };
    };
    return { name: "point", step, rate: rates[i], level: false, move };
  });
}

function milestones({ data }) {
  const { values, boundaries } = data;
  if (boundaries.length > MOST) return [];
  return boundaries.map((step, i) => {
    const move = (to) => {
      const [low, high] = [boundaries[i - 1] ?? 0, boundaries[i + 1] ?? Infinity];
      const at = Math.min(Math.max(Math.round(to.step), low + 1), high - 1);
      return { ...data, values: values.with(i + 1, to.rate), boundaries: boundaries.with(i, at) };
    };
    return { name: "point", step, rate: values[i + 1], level: false, move };
  });
}

/** How decays that never end are made to fall to one half after some steps. */
const HALVES = {
  exponential: (step) => ({ rate: Math.LN2 / step }),
  geometric: (step, { every }) => ({ ratio: Math.min(1, 0.5 ** (every / step)) }),
  inverse_time: (step) => ({ rate: 1 / step }),
  inverse_sqrt: (step) => ({ timescale: step / 3 }),
  power_law: (step, { power }) => ({ timescale: step / (2 ** (1 / power) - 1) }),
};

/** When they have fallen to one half. */
const FALLEN = {
  exponential: ({ rate }) => Math.LN2 / rate,
  geometric: ({ ratio, every }) => (every * -Math.LN2) / Math.log(ratio),
  inverse_time: ({ rate }) => 1 / rate,
  inverse_sqrt: ({ timescale }) => 3 * timescale,
  power_law: ({ timescale, power }) => timescale * (2 ** (1 / power) - 1),
};

function half({ type, data, fields }) {
  const step = FALLEN[type](fields);
  if (!(step > 0 && step < Infinity)) return [];
  const move = (to) => {
    const given = HALVES[type](Math.max(to.step, 1e-3), fields);
    const [[name, value]] = Object.entries(given);
    return { ...data, [name]: tidy(value, 6) };
  };
  return [{ name: "half", step, rate: fields.start / 2, level: false, move }];
}

function trough({ data }) {
  const move = ({ step, rate }) => ({ ...data, end: rate, period: Math.max(1, 2 * step) });
  return { name: "point", step: data.period / 2, rate: data.end, level: false, move };
}

/** Return the points of the first schedule that has some among those that run side by side. */
function sideBySide({ type, data, parts, rate }) {
  const i = parts.findIndex((part) => inside(part).length);
  if (i < 0 || type === "maximum" || type === "minimum") return [];
  return inside(parts[i]).map((handle) => {
    const move = (to) => {
      const left = Math.max(0, leftFor(type, parts, i, to.step, to.rate));
      return { ...data, parts: data.parts.with(i, handle.move({ ...to, rate: left })) };
    };
    return { ...handle, rate: rate(handle.step), move };
  });
}
