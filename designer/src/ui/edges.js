/** A schedule with another start, end, length or scale: new data, or null where it has no such. */

import { SIDE_BY_SIDE } from "../engine.js";
import { tidy } from "./units.js";

const LISTS = { piecewise: "values", table: "rates", cosine_table: "rates", cubic_table: "rates" };

/** Those whose rates are those of the schedule in them, from the first to the last. */
const SAME = ["strict", "stretch", "slow", "hold_each", "open_ended", "clip"];

const inner = (data, schedule) => schedule && { ...data, schedule };

const put = (data, name, i, value) => ({ ...data, [name]: data[name].with(i, value) });

/** Return the data with another rate at step 0. */
export function withStart({ type, data, parts, fields }, rate) {
  const [first] = parts;
  if (data.start !== undefined) return { ...data, start: rate };
  if (type === "constant") return { ...data, value: rate };
  if (LISTS[type]) return put(data, LISTS[type], 0, rate);
  if (type === "chain") return first && part(data, 0, withStart(first, rate));
  if (type === "reverse") return inner(data, withEnd(first, rate));
  if (type === "scale") return inner(data, withStart(first, divided(rate, fields.factor)));
  if (SIDE_BY_SIDE[type]) return joined(type, data, parts, 0, rate, withStart);
  return [...SAME, "repeat", "take"].includes(type) ? inner(data, withStart(first, rate)) : null;
}

/** Return the data with another rate at its end. */
export function withEnd({ type, data, parts, fields, steps }, rate) {
  const [first] = parts;
  if (steps === Infinity) return null;
  if (data.end !== undefined) return { ...data, end: rate };
  if (type === "constant") return { ...data, value: rate };
  if (LISTS[type]) return put(data, LISTS[type], data[LISTS[type]].length - 1, rate);
  if (type === "chain") return part(data, parts.length - 1, withEnd(parts.at(-1), rate));
  if (type === "reverse") return inner(data, withStart(first, rate));
  if (type === "scale") return inner(data, withEnd(first, divided(rate, fields.factor)));
  if (SIDE_BY_SIDE[type]) return joined(type, data, parts, steps, rate, withEnd);
  const whole = type === "take" ? first.steps === steps : type === "repeat" && fields.scale === 1;
  return whole || type === "drop" || SAME.includes(type) ? inner(data, withEnd(first, rate)) : null;
}

const part = (data, i, changed) => changed && put(data, "parts", i, changed);

const divided = (rate, factor) => (factor ? tidy(rate / factor) : rate);

/** Change the first of the parts that run side by side that can be, by what the others leave. */
function joined(type, data, parts, step, rate, change) {
  if (type === "maximum" || type === "minimum") return null;
  for (const [i, each] of parts.entries()) {
    const left = leftFor(type, parts, i, step, rate);
    const changed = left >= 0 && Number.isFinite(left) && change(each, left);
    if (changed && each.type !== "constant") return part(data, i, changed);
  }
  return null;
}

/** Return the rate of one part for which all together give `rate` at a step. */
export function leftFor(type, parts, i, step, rate) {
  const others = parts.filter((_, j) => j !== i).map((other) => other.rate(step));
  const sum = others.reduce((x, y) => x + y, 0);
  if (type === "product") return tidy(rate / others.reduce((x, y) => x * y, 1));
  if (type === "sum") return tidy(rate - sum);
  return i ? -1 : tidy(rate + sum);
}

/** Return the data with another length. */
export function withSteps(schedule, steps) {
  const { type, data, parts, fields } = schedule;
  const [first] = parts;
  if (schedule.steps === Infinity || steps === schedule.steps) return null;
  if (data.upper !== undefined) {
    const upper = Math.max(steps, Math.round((data.upper * steps) / schedule.steps));
    return { ...data, steps, upper };
  }
  if (type === "piecewise") {
    const boundaries = data.boundaries.map((at) => Math.round((at * steps) / schedule.steps));
    const apart = boundaries.every((at, i) => at > (boundaries[i - 1] ?? 0));
    return { ...data, steps, boundaries: apart ? boundaries : data.boundaries };
  }
  if (data.steps !== undefined) return { ...data, steps };
  if (data.knots) {
    const ratio = steps / schedule.steps;
    return { ...data, knots: data.knots.map((knot) => tidy(knot * ratio)) };
  }
  if (type === "chain") return { ...data, parts: stretched(parts, steps) };
  if (SIDE_BY_SIDE[type]) {
    const long = parts.map((each) => each.steps === schedule.steps && withSteps(each, steps));
    return { ...data, parts: parts.map((each, i) => long[i] || each.data) };
  }
  const asked = {
    drop: () => steps + fields.count,
    slow: () => Math.round(steps / fields.factor),
    hold_each: () => Math.round(steps / fields.every),
    repeat: () => Math.round(steps / fields.times),
  }[type];
  return first ? inner(data, withSteps(first, asked ? asked() : steps)) : null;
}

/** Return the data of parts in a row that are all stretched, so that they take `steps` together. */
export function stretched(parts, steps) {
  const finite = parts.filter((each) => each.steps < Infinity);
  const whole = finite.reduce((sum, each) => sum + each.steps, 0);
  let before = 0;
  return parts.map((each) => {
    if (each.steps === Infinity || !whole) return each.data;
    const at = Math.round((before * steps) / whole);
    before += each.steps;
    return withSteps(each, Math.round((before * steps) / whole) - at) ?? each.data;
  });
}

const RATES = ["start", "end", "value", "values", "rates", "peak", "floor", "ceiling"];

/** Return the data with all its rates times a factor. */
export function scaled({ type, data, parts, fields }, factor) {
  const times = (value) => (Array.isArray(value) ? value.map(times) : tidy(value * factor));
  if (type === "scale") return { ...data, factor: times(fields.factor) };
  const changed = { ...data };
  for (const name of RATES) if (data[name] !== undefined) changed[name] = times(data[name]);
  const inside = parts.map((each, i) =>
    type === "product" && i ? each.data : scaled(each, factor),
  );
  if (data.parts) return { ...changed, parts: inside };
  return data.schedule ? { ...changed, schedule: inside[0] } : changed;
}
