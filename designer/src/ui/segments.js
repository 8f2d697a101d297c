/** Changes of the segments of a schedule, and of the schedules inside one. */

import { FAMILIES } from "../rules.js";
import { drawnTo } from "../sampling.js";
import { fresh, startOf } from "./fresh.js";
import { EMPTY, built } from "./state.js";

/** Return the parts of a chain, or the one schedule. */
export const segmentsOf = (data) => (data.type === "chain" ? data.parts : [data]);

/** Return the schedule of some segments; all but the last are given an end. */
export function chainOf(segments) {
  if (!segments.length) return EMPTY;
  const last = segments.length - 1;
  const parts = segments.map((each, i) => (i < last ? ending(each) : each));
  return last ? { type: "chain", parts } : parts[0];
}

/** Return the data with an end: where it has none, after as many steps as are drawn. */
export function ending(data) {
  const schedule = built(data);
  if (!schedule || schedule.steps < Infinity || schedule.open) return data;
  const steps = drawnTo(schedule);
  const own = FAMILIES[data.type].fields.find((field) => field.name === "steps");
  return own ? { ...data, steps } : { type: "take", schedule: data, steps };
}

/** Return the data with a segment of a family after the last one. */
export function withNew(data, tag) {
  const segments = segmentsOf(data).map((each) => ending(each));
  const schedule = segments.length ? built(chainOf(segments)) : null;
  return chainOf([...segments, fresh(tag, startOf(schedule))]);
}

/** Return a list with the member at `from` moved to `to`. */
export function moved(list, from, to) {
  const rest = list.toSpliced(from, 1);
  return rest.toSpliced(to, 0, list[from]);
}

/** Return what stands at a path in some data. */
export const at = (data, path) => path.reduce((inner, key) => inner[key], data);

/** Return the data with another value at a path; undefined takes the field away. */
export function put(data, [key, ...rest], value) {
  if (key === undefined) return value;
  const inner = rest.length ? put(data[key], rest, value) : value;
  if (Array.isArray(data)) return data.with(key, inner);
  const copy = { ...data, [key]: inner };
  if (inner === undefined) delete copy[key];
  return copy;
}

/** Return the data of a schedule as another family, with the same ends as far as it has them. */
export function changed(data, tag) {
  const { steps, end, rate } = built(data);
  const finite = steps < Infinity ? steps : drawnTo(built(data));
  const made = fresh(tag, {
    start: rate(0),
    end: steps < Infinity ? end : rate(finite),
    steps: finite,
  });
  const falls = tag === "log_linear" || tag === "exp_hyperbolic";
  const same = Object.keys(made).filter(
    (name) =>
      name !== "type" && typeof data[name] === typeof made[name] && !(falls && name !== "steps"),
  );
  return { ...made, ...Object.fromEntries(same.map((name) => [name, data[name]])) };
}

/** What combinators are given beside the schedule that they are put around. */
const WRAPPERS = {
  clip: ({ floor = 0 }) => ({ floor }),
  drop: () => ({ count: 0 }),
  flip: ({ top }) => ({ ceiling: top }),
  noise: () => ({ scale: 0.1 }),
  repeat: () => ({ times: 2 }),
  scale: () => ({ factor: 1 }),
  stretch: ({ steps }) => ({ steps }),
  slow: () => ({ factor: 2 }),
  hold_each: ({ steps }) => ({ every: Math.max(1, Math.round(steps / 10)) }),
  take: ({ steps }) => ({ steps }),
};

/** The value of a constant that changes nothing beside another schedule. */
const NEUTRAL = {
  sum: () => 0,
  difference: () => 0,
  product: () => 1,
  minimum: ({ top }) => top,
  maximum: () => 0,
};

/** Return a schedule inside a combinator. */
export function wrapped(data, tag) {
  const { fields } = FAMILIES[tag];
  const given = fields[0].finite ? ending(data) : data;
  const schedule = built(given);
  const { top } = schedule;
  const steps = drawnTo(schedule);
  if (tag === "chain") return { type: tag, parts: [data] };
  if (NEUTRAL[tag]) {
    return { type: tag, parts: [data, { type: "constant", value: NEUTRAL[tag]({ top }) }] };
  }
  return { type: tag, schedule: given, ...WRAPPERS[tag]?.({ top, steps }) };
}

/** Return the schedule inside a combinator: of several, the first. */
export const unwrapped = (data) => data.schedule ?? data.parts[0];
