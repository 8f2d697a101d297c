/** Schedules as the library computes them: its own formulas, put together from JSON. */

import { CHECKS } from "./checks.js";
import { FORMULAS } from "./generated/formulas.js";
import { FAMILIES, RuleError, call, check, shown } from "./rules.js";
import { handles } from "./tables.js";

/** How deep schedules may be nested. */
const MAX_DEPTH = 32;

const MAX_RATE = 1e30;

/**
 * @typedef {object} Schedule
 * @property {string} type its family's tag
 * @property {object} data its JSON form, every field that is not its default
 * @property {object} fields the checked values; schedules in them are built
 * @property {Schedule[]} parts the schedules in it
 * @property {number} steps how many steps it takes; Infinity if it never ends
 * @property {number} end the rate at its end
 * @property {number} top an upper bound of its rates
 * @property {boolean} open whether a part of it is open-ended
 * @property {object} known what its formula reads: fields, and what is prepared from them
 * @property {(t: number) => number} rate the rate at a step
 */

/**
 * Build a schedule from its JSON form.
 * @param {object} data
 * @returns {Schedule}
 * @throws {RuleError} a field breaks its rule
 */
export function build(data, path = [], depth = 1) {
  const family = familyOf(data, path);
  if (depth > MAX_DEPTH) {
    throw new RuleError(`${family.title}: schedules may be nested ${MAX_DEPTH} deep`, path);
  }
  const fields = {};
  const written = { type: family.tag };
  const parts = [];
  for (const field of family.fields) {
    const at = [...path, field.name];
    const given = data[field.name] ?? field.default;
    if (given === undefined) {
      const how = `write ${call(family)}`;
      throw new RuleError(`${family.title}: \`${field.name}\` is missing; ${how}`, at);
    }
    const value = read(family, field, given, at, depth);
    fields[field.name] = value;
    if (field.kind === "schedule" || field.kind === "schedules") parts.push(...[value].flat());
    if (value !== field.default) written[field.name] = asData(value);
  }
  const message = CHECKS[family.tag]?.(family.title, fields);
  if (message) throw new RuleError(message, path);
  const made = finished(family, fields, parts, path);
  if (made.top > MAX_RATE) {
    throw new RuleError(`${family.title}: rates must stay at most 1e+30`, path);
  }
  const probes = [0, 1, Math.min(made.steps, 1e6) / 2, Math.min(made.steps, 1e6)];
  if (!probes.every((t) => Number.isFinite(made.rate(t)) && made.rate(t) >= 0)) {
    throw new RuleError(`${family.title}: its rates must be finite, and 0 or more`, path);
  }
  return Object.assign(made, { type: family.tag, data: written, fields, parts, family });
}

function familyOf(data, path) {
  if (data === null || typeof data !== "object" || Array.isArray(data)) {
    throw new RuleError(`schedule must be an object with a \`type\`, got ${shown(data)}`, path);
  }
  const family = Object.hasOwn(FAMILIES, data.type) ? FAMILIES[data.type] : null;
  if (!family) {
    const own = data.type === "imported" || data.type === "function";
    throw new RuleError(
      own
        ? "Imported: a function of your own runs in Python and cannot be drawn here"
        : `schedule.type must be a known schedule, got ${shown(data.type)}`,
      path,
    );
  }
  for (const name of Object.keys(data)) {
    const known = name === "type" || name === "glissando";
    if (!known && !family.fields.some((field) => field.name === name)) {
      throw new RuleError(`${family.title}: unknown field ${shown(name)}`, [...path, name]);
    }
  }
  return family;
}

function read(family, field, given, path, depth) {
  if (field.kind === "schedules") {
    if (!Array.isArray(given)) {
      throw new RuleError(`${family.title}: \`${field.name}\` must be ${field.words}`, path);
    }
    return given.map((each, i) => build(each, [...path, i], depth + 1));
  }
  if (field.kind === "schedule") {
    const part = build(given, path, depth + 1);
    if (field.finite && part.steps === Infinity) {
      const how = "give it an end with .take(n)";
      throw new RuleError(
        `${family.title}: \`${field.name}\` must be ${field.words}, got one that never ends; ${how}`,
        path,
      );
    }
    return part;
  }
  const message = check(family.tag, field.name, given);
  if (message) throw new RuleError(message, path);
  return given;
}

function asData(value) {
  if (Array.isArray(value)) return value.map(asData);
  return typeof value === "object" ? value.data : value;
}

/** Return what is computed: the steps, the end, the bound, and the function of the step. */
function finished(family, fields, parts, path) {
  const open = family.tag !== "take" && (family.tag === "open_ended" || parts.some((p) => p.open));
  if (family.tag === "chain") return chain(fields.parts, path);
  if (family.tag === "open_ended") {
    const { rate, top, end } = fields.schedule;
    return { steps: Infinity, rate, top, end, open: true };
  }
  if (SIDE_BY_SIDE[family.tag]) return { ...sideBySide(family.tag, parts), open };
  const steps = LENGTHS[family.tag]?.(fields) ?? fields.steps ?? Infinity;
  const known = { ...fields, ...PREPARED[family.tag]?.(fields), steps };
  const end = endOf(family, known);
  const rate = steps === 0 ? () => end : FORMULAS[family.tag]({ ...known, end });
  const top = (TOPS[family.tag] ?? highest)(fields, family);
  return { steps, rate, end, top, open, known: { ...known, end } };
}

/** How long those are whose length is no field. */
const LENGTHS = {
  clip: ({ schedule }) => schedule.steps,
  cosine_table: ({ knots }) => Math.ceil(knots.at(-1)),
  cubic_table: ({ knots }) => Math.ceil(knots.at(-1)),
  drop: ({ schedule, count }) => schedule.steps - count,
  flip: ({ schedule }) => schedule.steps,
  hold_each: ({ schedule, every }) => schedule.steps * every,
  noise: ({ schedule }) => schedule.steps,
  repeat: ({ schedule, times }) => schedule.steps * times,
  reverse: ({ schedule }) => schedule.steps,
  scale: ({ schedule }) => schedule.steps,
  slow: ({ schedule, factor }) => schedule.steps * factor,
  strict: ({ schedule }) => schedule.steps,
  table: ({ knots }) => Math.ceil(knots.at(-1)),
};

/** What formulas read beside their fields. */
const PREPARED = {
  chebyshev: ({ steps }) => ({ nodes: 2 ** Math.ceil(Math.log2(Math.max(steps, 1))) }),
  cubic_table: handles,
};

/** The highest rates of those that do not have them in a field of rates. */
const TOPS = {
  clip: ({ schedule, floor, ceiling }) => Math.min(Math.max(schedule.top, floor), ceiling),
  flip: ({ ceiling }) => ceiling,
  noise: ({ schedule, scale }) => schedule.top * (1 + scale),
  scale: ({ schedule, factor }) => (factor ? schedule.top * factor : 0),
};

function highest(fields, family) {
  if (fields.schedule) return fields.schedule.top;
  const rates = ["start", "end", "value", "values", "rates", "peak", "floor"];
  const names = family.fields.map((field) => field.name).filter((name) => rates.includes(name));
  return Math.max(...names.flatMap((name) => fields[name]));
}

function endOf(family, known) {
  const { schedule, steps } = known;
  if (steps === Infinity) return known.end ?? 0; // that it has no end, nothing asks for it
  if (family.tag === "repeat") return schedule.end * known.scale ** (known.times - 1);
  if (family.tag === "stretch" && steps === 0) return schedule.end;
  if (family.tag === "chebyshev") {
    return FORMULAS.chebyshev({ ...known, steps: Infinity })(Math.max(steps - 1, 0));
  }
  if (known.end !== undefined) return known.end;
  if (known.rates) return known.rates.at(-1);
  return FORMULAS[family.tag](schedule ? known : { ...known, steps: Infinity })(steps);
}

function chain(given, path) {
  const parts = given.filter((part) => part.steps);
  if (!parts.length) parts.push(...given.slice(-1));
  const opened = parts.findIndex((part) => part.open);
  const endless = parts.findIndex((part, i) => part.steps === Infinity && !part.open && i + 1 < parts.length);
  if (endless >= 0) {
    throw new RuleError(
      "Chain: a part that another follows must end; give it an end with .take(n)",
      [...path, "parts", given.indexOf(parts[endless])],
    );
  }
  if (!parts.length) {
    throw new RuleError("Chain: an empty chain has no rate; give it a part", path);
  }
  const reached = opened < 0 ? parts : parts.slice(0, opened + 1);
  const starts = [];
  let steps = 0;
  for (const part of reached) {
    starts.push(steps);
    steps += part.steps;
  }
  const top = Math.max(...parts.map((part) => part.top));
  const rates = reached.map((part) => part.rate);
  const rate = (t) => {
    let i = rates.length - 1;
    while (i && t < starts[i]) i--;
    return rates[i](t - starts[i]);
  };
  return { steps, rate, top, end: reached.at(-1).end, open: opened >= 0, reached, starts };
}

/** How the rates of schedules that run side by side become one. */
export const SIDE_BY_SIDE = {
  difference: { join: (x, y) => x - y, last: (x) => Math.max(x, 0), top: Math.max },
  maximum: { join: Math.max, top: Math.max },
  minimum: { join: Math.min, top: Math.min },
  product: { join: (x, y) => x * y, top: (...tops) => tops.reduce((x, y) => (x && y ? x * y : 0)) },
  sum: { join: (x, y) => x + y, top: (...tops) => tops.reduce((x, y) => x + y) },
};

function sideBySide(tag, parts) {
  const { join, top, last = (x) => x } = SIDE_BY_SIDE[tag];
  const rate = (t) => {
    let x = parts[0].rate(t);
    for (let i = 1; i < parts.length; i++) x = join(x, parts[i].rate(t));
    return last(x);
  };
  const steps = Math.max(...parts.map((part) => part.steps));
  const end = steps === Infinity ? 0 : rate(steps);
  return { steps, rate, end, top: top(...parts.map((part) => part.top)) };
}
