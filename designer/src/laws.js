/** What a schedule is predicted to give, by a forecast that was saved as JSON. */

import { corners as cornersOf } from "./corners.js";
import { about, nearest } from "./distance.js";
import { divided, evenly, geometrically, history, unique } from "./history.js";
import { LAWS } from "./losses.js";

/** About how many losses a predicted curve has, as the library's. */
const POINTS = 60;

/**
 * Return the forecast that a JSON text holds, as `glissando forecast RUN... -o forecast.json` writes.
 * @param {string} text
 * @throws {Error} it is none
 */
export function readForecast(text) {
  let data = null;
  try {
    data = JSON.parse(text);
  } catch {
    // said below
  }
  if (data?.type !== "forecast" || !data.peaks?.length) {
    throw new Error("this is no forecast: write one by glissando forecast RUN... -o forecast.json");
  }
  for (const { law } of data.peaks.flatMap((peak) => peak.laws)) {
    if (!LAWS[law.type]) throw new Error(`the forecast has a law that is not known here: ${law.type}`);
  }
  return data;
}

/**
 * @typedef {object} Prediction
 * @property {number} loss the loss after the last step
 * @property {number} low the lower end of its 80 % interval
 * @property {number} high the upper end
 * @property {{steps: number[], losses: number[]}} curve the losses on the way
 * @property {string[]} doubts what speaks against it, in sentences
 * @property {Record<string, number>} laws what each law says by itself
 */

/**
 * Return what a schedule is predicted to give.
 * @param {object} forecast the JSON form of a forecast
 * @param {import("./engine.js").Schedule} schedule
 * @param {number} step after how many updates; by default at its end
 * @returns {Prediction}
 * @throws {Error} there are no steps, or no end of them; the rates are 0
 */
export function predict(forecast, schedule, step = schedule.steps) {
  if (step === Infinity) {
    throw new Error("no loss is predicted of a schedule that never ends: say after how many steps");
  }
  if (step < 1) throw new Error("no loss is predicted of a schedule without steps");
  const corners = cornersOf(schedule, 1, step - 1);
  const { peak, begin } = used(schedule, corners, step);
  if (!peak) throw new Error("no loss is predicted of a schedule whose rates are 0");
  const group = nearest(forecast.peaks, peak);
  const points = pointsOf(step).filter((point) => point > begin);
  const byLaw = lossesOf(group.laws, schedule.rate, corners, points);
  const losses = points.map((_, i) =>
    group.laws.reduce((sum, { weight }, k) => sum + weight * byLaw[k][i], 0),
  );
  const loss = losses.at(-1);
  const ends = byLaw.map((each) => each.at(-1));
  const half = halfWidth(group, loss, ends, step);
  return {
    loss,
    low: loss - half,
    high: loss + half,
    curve: { steps: points, losses },
    doubts: [...forecast.doubts, ...about(schedule, group.pilots, step)],
    laws: Object.fromEntries(group.laws.map(({ law }, k) => [law.type, ends[k]])),
  };
}

/** Return the highest rate, and the first step with a rate above 0. */
function used(schedule, corners, step) {
  const near = corners.flatMap((corner) => [corner, corner - 1]);
  const steps = unique([...evenly(0, step - 1, Math.min(step, 1000)), ...near]);
  const rates = steps.map(schedule.rate);
  return { peak: Math.max(...rates), begin: steps[rates.findIndex((rate) => rate)] };
}

/** Return the steps of the curve: even ones, and a few before the first of them. */
function pointsOf(step) {
  const first = Math.max(Math.floor(step / POINTS), 1);
  const early = geometrically(Math.max(Math.floor(first / 10), 1), first, POINTS / 10);
  return [...unique([...early, ...evenly(first, step, POINTS)])];
}

/** Return what each law says of the points. Laws with the same bins and units share a history. */
function lossesOf(laws, rate, corners, points) {
  const bins = {};
  const histories = {};
  return laws.map(({ law }) => {
    const { clock, last, bins: count, losses } = LAWS[law.type];
    const { rate: unit = 1, steps = 1 } = law;
    bins[count] ??= divided(rate, corners, points, last, count);
    const read = (histories[[count, unit, steps, clock]] ??= history(bins[count], unit, steps, clock));
    return losses(read, law);
  });
}

/** Return half of the 80 % interval: see `glissando.forecasting.interval`. */
function halfWidth({ interval, laws, steps }, loss, byLaw, step) {
  const { error, noise, beyond, differ, wider } = interval;
  const longer = 1 + beyond * Math.max(Math.log(step / steps), 0);
  const spread = laws.reduce((sum, { weight }, k) => sum + weight * (byLaw[k] - loss) ** 2, 0);
  return wider * Math.hypot(loss * error * longer, noise, differ * Math.sqrt(spread));
}
