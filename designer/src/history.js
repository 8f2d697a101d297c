/** What a law reads of a schedule: its rates in bins of steps, as the library's laws read them. */

/** How many corners may have narrow bins beside them. */
const MOST_FINE = 20;

/**
 * @typedef {object} Bins
 * @property {Float64Array} points after how many updates a law is asked for its loss
 * @property {Float64Array} edges bin j holds the steps from edges[j] to edges[j + 1] - 1
 * @property {number[]} at which edge each point is
 * @property {Float64Array} width how many steps each bin has
 * @property {Float64Array[]} rates the first, middle and last rate of each bin
 */

/**
 * Divide the steps before the last point into bins, narrow where the rate moves.
 * @param {(t: number) => number} rate
 * @param {number[]} corners the steps at which its formula changes
 * @param {number[]} points in order
 * @param {number[]} last how many steps before each point there are edges
 * @param {number} bins about how many bins there are beside those
 * @returns {Bins}
 */
export function divided(rate, corners, points, last, bins) {
  const edges = edgesOf(corners, points, last, bins);
  const count = edges.length - 1;
  const width = new Float64Array(count);
  const rates = [0, 1, 2].map(() => new Float64Array(count));
  for (let j = 0; j < count; j++) {
    const begin = edges[j];
    const more = edges[j + 1] - begin - 1;
    width[j] = more + 1;
    rates[0][j] = rate(begin);
    rates[1][j] = more > 1 ? rate(begin + Math.floor(more / 2)) : rates[0][j];
    rates[2][j] = more ? rate(begin + more) : rates[0][j];
  }
  let edge = 0;
  const at = points.map((point) => {
    while (edges[edge] < point) edge++;
    return edge;
  });
  return { points, edges, at, width, rates };
}

/**
 * @typedef {Bins & object} History the bins in the units of a law
 * @property {number} unit the unit of steps
 * @property {Float64Array} first the first rate of each bin
 * @property {Float64Array} last the last rate of each bin
 * @property {Float64Array} mean the mean rate of each bin
 * @property {number} top the bin at whose end the rate comes to its maximum
 * @property {Float64Array} sums the sum of the rates' powers before each edge
 */

/**
 * Return the history of a run in the units of a law.
 * @param {Bins} bins
 * @param {number} clock the power of the rates that are summed
 * @returns {History}
 */
export function history(bins, rate, unit, clock) {
  const { width } = bins;
  const [first, middle, last] = bins.rates.map((rates) => rates.map((x) => x / rate));
  const mean = means(first, middle, last, width);
  const powers =
    clock === 1
      ? mean
      : means(...[first, middle, last].map((rates) => rates.map((x) => x ** clock)), width);
  const sums = new Float64Array(width.length + 1);
  let sum = 0;
  for (let j = 0; j < width.length; j++) {
    sum += powers[j] * width[j];
    sums[j + 1] = sum / unit;
  }
  return { ...bins, unit, first, last, mean, sums, top: topOf(last) };
}

/** Return how far the rate falls in each bin after its maximum; a rise is below 0. */
export function drops({ first, last, top }) {
  return last.map((rate, j) => (j > top ? (j ? last[j - 1] : first[0]) - rate : 0));
}

/** Return where numbers first come to their maximum, but for a rounding error. */
export function topOf(numbers) {
  const least = Math.max(...numbers) * (1 - 1e-9);
  return numbers.findIndex((number) => number >= least);
}

/** Return whole numbers evenly spaced from `low` to `high`. */
export function evenly(low, high, count) {
  const step = count > 1 ? (high - low) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) =>
    Math.trunc(i && i === count - 1 ? high : i * step + low),
  );
}

/** Return whole numbers from `low` to `high`, each about the same factor above the one before. */
export function geometrically(low, high, count) {
  const [from, to] = [Math.log10(low), Math.log10(high)];
  const step = (to - from) / (count - 1);
  return Array.from({ length: count }, (_, i) => {
    if (!i) return low;
    return i === count - 1 ? high : Math.trunc(10 ** (from + i * step));
  });
}

/** Return numbers in order, each once. */
export function unique(numbers) {
  const sorted = Float64Array.from(numbers).sort();
  return sorted.filter((x, i) => !i || x !== sorted[i - 1]);
}

/** Return the mean rate of each bin: of the parabola through its first, middle and last rate. */
function means(first, middle, last, width) {
  return width.map((steps, j) => {
    const n = steps - 1;
    const m = Math.floor(n / 2);
    if (!m) return (first[j] + last[j]) / 2;
    const slope = (middle[j] - first[j]) / m;
    const bend = ((last[j] - first[j]) / n - slope) / (n - m);
    return Math.max(first[j] + (slope * n) / 2 + bend * n * ((2 * n + 1) / 6 - m / 2), 0);
  });
}

function edgesOf(corners, points, last, bins) {
  const end = points.at(-1);
  const ends = [0, ...corners, end];
  const found = [...ends, ...evenly(0, end, Math.min(end, bins) + 1)];
  if (ends.length < MOST_FINE) {
    // next to a corner a curve may be as steep as a square root
    for (const away of geometrically(1, Math.max(end, 2), 30)) {
      for (const corner of ends) found.push(corner - away, corner + away);
    }
  }
  for (const point of points) {
    found.push(point);
    for (const before of last) found.push(point - before);
  }
  return unique(found.filter((step) => step >= 0 && step <= end));
}
