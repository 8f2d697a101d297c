/** What formulas look up, and orders of steps in whole numbers. */

/** Return how many members of a sorted table, from `low` to `high`, are at or below `t`. */
export function below(table, t, low, high) {
  while (low < high) {
    const middle = (low + high) >> 1;
    if (table[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Return the number of the node that comes at `t`; `nodes` is a power of two. */
export function fractal(t, nodes) {
  let node = 0;
  for (let size = 2; size <= nodes; size *= 2) {
    const mirrored = Math.floor(Math.floor(t) / (nodes / size)) % 2;
    node += mirrored * (size - 1 - 2 * node);
  }
  return node;
}

/** Return what a cubic table's formula reads beside its points: its curves' inner handles. */
export function handles({ rates, knots }) {
  const slopes = slopesOf(rates, knots);
  const after = [];
  const before = [];
  for (let i = 0; i + 1 < knots.length; i++) {
    const third = (knots[i + 1] - knots[i]) / 3;
    after.push(between(rates[i] + third * slopes[i], rates[i], rates[i + 1]));
    before.push(between(rates[i + 1] - third * slopes[i + 1], rates[i], rates[i + 1]));
  }
  return { after, before };
}

function slopesOf(rates, knots) {
  const widths = knots.slice(1).map((knot, i) => knot - knots[i]);
  const rises = widths.map((width, i) => (rates[i + 1] - rates[i]) / width);
  if (rises.length === 1) return [rises[0], rises[0]];
  const inner = rises.slice(1).map((q, i) => {
    const [p, g, h] = [rises[i], widths[i], widths[i + 1]];
    return p * q > 0 ? (3 * (g + h)) / ((2 * h + g) / p + (h + 2 * g) / q) : 0;
  });
  const [width, nextWidth] = [widths.at(-1), widths.at(-2)];
  const last = endSlope(width, nextWidth, rises.at(-1), rises.at(-2));
  return [endSlope(widths[0], widths[1], rises[0], rises[1]), ...inner, last];
}

/** Return the slope at an end: that of the parabola through three points, unless it turns. */
function endSlope(width, nextWidth, rise, nextRise) {
  const slope = ((2 * width + nextWidth) * rise - width * nextRise) / (width + nextWidth);
  if (slope * rise <= 0) return 0;
  return rise * nextRise <= 0 && Math.abs(slope) > 3 * Math.abs(rise) ? 3 * rise : slope;
}

function between(rate, one, other) {
  return Math.min(Math.max(rate, Math.min(one, other)), Math.max(one, other));
}
