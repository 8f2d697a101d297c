/** What is drawn and said of a curve. */

/** How many steps of a pixel column are looked at where there are more. */
const LOOKS = 4;

/** Up to how many rates are summed one by one. */
const SUMMED = 50_000;

/**
 * Return the points of a line from step `first` to step `last`: every step where there are no more
 * than two for each of `columns` pixels, else the lowest and the highest of some in each.
 * @param {import("./engine.js").Schedule} schedule
 * @param {boolean} logX whether columns are equally wide on a logarithmic axis
 * @returns {{steps: Float64Array, rates: Float64Array}}
 */
export function sample(schedule, first, last, columns, logX = false) {
  const count = last - first + 1;
  if (count <= 2 * columns) {
    const steps = Float64Array.from({ length: count }, (_, i) => first + i);
    return { steps, rates: steps.map(schedule.rate) };
  }
  const steps = new Float64Array(2 * columns + 2);
  const rates = new Float64Array(2 * columns + 2);
  const begin = Math.max(first, 1);
  const ratio = Math.log(last / begin) / columns;
  const edge = logX ? (i) => begin * Math.exp(ratio * i) : (i) => first + ((last - first) * i) / columns;
  let n = 0;
  const put = (step, rate) => {
    if (n && steps[n - 1] >= step) return;
    steps[n] = step;
    rates[n++] = rate;
  };
  put(first, schedule.rate(first));
  for (let i = 0; i < columns; i++) {
    const [low, high] = [edge(i), edge(i + 1)];
    let [lowest, highest] = [Infinity, -Infinity];
    let [lowestAt, highestAt] = [0, 0];
    for (let look = 0; look < LOOKS; look++) {
      const step = Math.round(low + ((high - low) * look) / LOOKS);
      const rate = schedule.rate(step);
      if (rate < lowest) [lowest, lowestAt] = [rate, step];
      if (rate > highest) [highest, highestAt] = [rate, step];
    }
    if (lowestAt <= highestAt) {
      put(lowestAt, lowest);
      put(highestAt, highest);
    } else {
      put(highestAt, highest);
      put(lowestAt, lowest);
    }
  }
  put(last, schedule.rate(last));
  return { steps: steps.subarray(0, n), rates: rates.subarray(0, n) };
}

/** Return the sum of the rates of updates 0 to `steps` - 1: in a long run, by blocks of steps. */
export function area(schedule, steps = schedule.steps) {
  if (steps <= SUMMED) {
    let sum = 0;
    for (let t = 0; t < steps; t++) sum += schedule.rate(t);
    return sum;
  }
  const width = steps / SUMMED;
  let sum = 0;
  for (let i = 0; i < SUMMED; i++) sum += schedule.rate(Math.floor((i + 0.5) * width));
  return sum * width;
}

/**
 * Return the last step that is drawn: the end or, where there is none, twice the time to the last
 * corner, or until the rate has halved from there, rounded up to 1, 2 or 5 times a power of ten.
 */
export function drawnTo(schedule) {
  if (schedule.steps < Infinity) return Math.max(schedule.steps, 1);
  const corner = lastCorner(schedule);
  return 2 * Math.max(corner, halving(schedule, corner), 10) - 1;
}

/** Return the last corner of a schedule: of one whose corners never end the fifth. */
function lastCorner({ type, fields, parts, steps, starts }) {
  if (type === "chain") return starts.at(-1) + lastCorner(parts.at(-1));
  if (type === "repeat") return Math.min(fields.times, 5) * parts[0].steps;
  if (type === "slow") return fields.factor * lastCorner(parts[0]);
  if (type === "hold_each") return fields.every * Math.max(lastCorner(parts[0]), 5);
  if (type === "drop") return Math.max(lastCorner(parts[0]) - fields.count, 0);
  if (type === "piecewise") return Math.max(...fields.boundaries, 0);
  if (type === "staircase") return 5 * fields.every;
  if (type === "cyclic_polynomial") return 5 * fields.period;
  if (parts.length) return Math.max(...parts.map(lastCorner));
  return steps < Infinity ? steps : 0;
}

/** Return the time from the last corner until the rate has halved, or 0 if it never does. */
function halving(schedule, corner) {
  const half = schedule.rate(corner) / 2;
  const halved = (steps) => schedule.rate(corner + steps) <= half;
  let high = 1;
  while (corner + high <= Number.MAX_SAFE_INTEGER && !halved(high)) high *= 2;
  if (corner + high > Number.MAX_SAFE_INTEGER) return 0;
  let low = Math.floor(high / 2);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (halved(middle)) high = middle;
    else low = middle;
  }
  const power = 10 ** Math.floor(Math.log10(high) + 1e-9);
  return [1, 2, 5, 10].map((k) => k * power).find((nice) => nice >= high);
}

/**
 * Return the steps that say most about a schedule, in order.
 * @returns {{step: number, rate: number, what: string}[]}
 */
export function landmarks(schedule) {
  const last = drawnTo(schedule);
  const found = new Map([[0, "start"]]);
  for (const step of schedule.starts ?? []) if (step) found.set(step, "corner");
  const { steps, rates } = sample(schedule, 0, last, 500);
  const peak = rates.reduce((best, rate, i) => (rate > rates[best] ? i : best), 0);
  const corners = [...found.keys()].map((step) => schedule.rate(step));
  if (rates[peak] > Math.max(...corners) * (1 + 1e-9)) found.set(steps[peak], "peak");
  if (schedule.steps < Infinity) found.set(schedule.steps, "end");
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([step, what]) => ({ step, rate: schedule.rate(step), what }));
}
