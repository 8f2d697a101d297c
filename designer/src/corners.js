/** The steps at which a schedule's formula changes, as the library lists them. */

/**
 * Return the corners of a schedule from `low` to `high`, in order.
 * @param {import("./engine.js").Schedule} schedule
 * @param {number} most how many at most: there may be one at each step
 * @returns {number[]}
 */
export function corners(schedule, low, high, most = 1000) {
  return first(between(schedule, Math.max(low, 1), high), most);
}

/** Return the first members of what may have millions. */
function first(steps, most) {
  const found = [];
  for (const step of steps) {
    if (found.length >= most) break;
    found.push(step);
  }
  return found;
}

function* between(schedule, low, high) {
  if (low > high) return;
  const { type, fields, parts } = schedule;
  if (OF[type]) yield* OF[type](schedule, low, high);
  else if (fields.parts) yield* merged(parts, low, high);
  else if (fields.schedule) yield* between(fields.schedule, low, high);
  else yield* within([schedule.steps], low, high);
}

function* within(steps, low, high) {
  for (const step of steps) {
    if (step > high) return;
    if (step >= low && step < Infinity) yield step;
  }
}

function* shifted(steps, by) {
  for (const step of steps) yield step + by;
}

function* every(period, low, high, from = 0) {
  const before = Math.max(1, Math.ceil((low - from) / period));
  for (let step = before * period + from; step <= high; step += period) yield step;
}

function* merged(parts, low, high) {
  const all = parts.flatMap((part) => corners(part, low, high));
  yield* new Set(all.sort((a, b) => a - b));
}

function* stairs({ fields, steps }, low, high) {
  yield* every(fields.every, low, Math.min(high, steps));
}

function* ofKnots({ fields }, low, high) {
  yield* within(new Set(fields.knots.map(Math.ceil)), low, high);
}

/** Those of families that change at other steps than at their end. */
const OF = {
  table: ofKnots,
  cosine_table: ofKnots,
  cubic_table: ofKnots,
  staircase: stairs,
  hold_each: stairs,

  *piecewise({ fields, steps }, low, high) {
    const inner = fields.boundaries.filter((step) => step < steps);
    yield* within([...inner, steps], low, high);
  },

  *cyclic_polynomial({ fields }, low, high) {
    yield* every(fields.period, low, high, 1);
  },

  *chebyshev({ steps }, low, high) {
    yield* every(1, low, Math.min(high, steps));
  },

  *chain({ reached, starts }, low, high) {
    for (let i = 0; i < reached.length && starts[i] <= high; i++) {
      const start = starts[i];
      const end = i + 1 < reached.length ? starts[i + 1] - 1 : high;
      if (end < low) continue;
      yield* within([start], low, high);
      const inner = between(reached[i], Math.max(1, low - start), Math.min(high, end) - start);
      yield* shifted(inner, start);
    }
  },

  *drop({ fields }, low, high) {
    const { schedule, count } = fields;
    yield* shifted(between(schedule, low + count, high + count), -count);
  },

  *take({ fields, steps }, low, high) {
    yield* between(fields.schedule, low, Math.min(high, steps - 1));
    yield* within([steps], low, high);
  },

  *repeat({ fields, steps }, low, high) {
    const length = fields.schedule.steps;
    const last = Math.min(high, steps);
    for (let start = Math.floor(low / length) * length; start <= last; start += length) {
      yield* within([start], low, high);
      const inner = Math.min(length - 1, last - start);
      yield* shifted(between(fields.schedule, Math.max(1, low - start), inner), start);
    }
  },

  /** A formula that holds from step b on, backwards holds up to steps - b. */
  *reverse({ fields, steps }, low, high) {
    const begin = Math.max(2, steps + 1 - high);
    let last = Math.min(steps - 1, steps + 1 - low);
    for (let width = 64; last >= begin; last -= width, width *= 2) {
      const inner = first(between(fields.schedule, Math.max(begin, last - width + 1), last), width);
      yield* inner.reverse().map((step) => steps + 1 - step);
    }
    yield* within([steps], low, high);
  },

  *slow({ fields }, low, high) {
    const { schedule, factor } = fields;
    const inner = between(schedule, Math.ceil(low / factor), Math.floor(high / factor));
    for (const step of inner) yield step * factor;
  },

  *stretch({ fields, steps }, low, high) {
    const inner = fields.schedule.steps;
    if (!steps || !inner) return;
    const last = Math.floor((high * inner) / steps);
    let from = Math.floor(((low - 1) * inner) / steps) + 1;
    for (;;) {
      const { value } = between(fields.schedule, from, last).next();
      if (value === undefined) return;
      const step = Math.ceil((value * steps) / inner);
      yield step;
      // many may become the same step: go on behind the last of them
      from = Math.floor((step * inner) / steps) + 1;
    }
  },
};
