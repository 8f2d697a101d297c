/** What a schedule's fields must be together: the library's own rules and words. */

import { float, shown } from "./rules.js";

const WIDEST = 1e30;
const SMALLEST = 1e-300;
const CLOSEST = 1e-30;

function fallsAboveZero(title, { start, end }) {
  const got = `got start=${float(start)} and end=${float(end)}`;
  if (!(end > 0 && end <= start)) {
    const how = "a rise is a fall's .reverse()";
    return `${title}: \`end\` must be above 0 and at most \`start\`, ${got}; ${how}`;
  }
  return end / start < SMALLEST
    ? `${title}: \`end\` must be ${SMALLEST} of \`start\` or more, ${got}`
    : null;
}

function longEnough(title, { upper, steps }) {
  return upper < steps
    ? `${title}: \`upper\` must be \`steps\` or more, got upper=${upper} and steps=${steps}`
    : null;
}

function points(title, { rates, knots }) {
  if (rates.length !== knots.length || knots.length < 2) {
    return (
      `${title}: \`rates\` must be as many as \`knots\`, 2 or more, ` +
      `got ${rates.length} rates and ${knots.length} knots`
    );
  }
  const close = knots.some((knot, i) => i && knot - knots[i - 1] < CLOSEST);
  return close ? `${title}: \`knots\` must be 1e-30 or more apart` : null;
}

function some(title, { parts }) {
  return parts.length ? null : `${title}: \`parts\` must be 1 or more, got none`;
}

/** By tag: a function of the title and the fields that returns a message or null. */
export const CHECKS = {
  chebyshev(title, { floor, peak }) {
    const got = `got floor=${float(floor)} and peak=${float(peak)}`;
    if (!(floor > 0 && floor <= peak)) {
      return `${title}: \`floor\` must be above 0 and at most \`peak\`, ${got}`;
    }
    return peak / floor > WIDEST
      ? `${title}: \`peak\` must be at most 1e+30 times \`floor\`, ${got}`
      : null;
  },
  clip(title, { floor, ceiling }) {
    return floor > ceiling
      ? `${title}: \`floor\` must be at most \`ceiling\`, got ${float(floor)} and ${float(ceiling)}`
      : null;
  },
  cosine_table: points,
  cubic_table: points,
  difference: some,
  drop(title, { schedule, count }) {
    return count > schedule.steps
      ? `${title}: \`count\` must be at most the schedule's ${schedule.steps} steps, got ${count}`
      : null;
  },
  exp_hyperbolic: (title, fields) => longEnough(title, fields) ?? fallsAboveZero(title, fields),
  exponential_cooldown(title, { ratio }) {
    return ratio === 1 ? `${title}: \`ratio\` must be below 1, got 1.0` : null;
  },
  flip(title, { schedule, ceiling }) {
    return schedule.top > ceiling
      ? `${title}: \`ceiling\` must be the schedule's highest rate or more, ` +
          `got ${float(ceiling)} and up to ${Number(schedule.top.toPrecision(6))}`
      : null;
  },
  hyperbolic: longEnough,
  log_linear: fallsAboveZero,
  maximum: some,
  minimum: some,
  piecewise(title, { values, boundaries }) {
    return values.length === boundaries.length + 1
      ? null
      : `${title}: \`values\` must be one more than \`boundaries\`, ` +
          `got ${values.length} values and ${boundaries.length} boundaries`;
  },
  product: some,
  repeat(title, { schedule }) {
    return schedule.steps === 0
      ? `${title}: \`schedule\` must take 1 step or more, got ${shown(schedule.type)}`
      : null;
  },
  sum: some,
  table: points,
  tanh(title, { low, high }) {
    return high - low < 0.01
      ? `${title}: \`high\` must be 0.01 or more above \`low\`, ` +
          `got low=${float(low)} and high=${float(high)}`
      : null;
  },
};
