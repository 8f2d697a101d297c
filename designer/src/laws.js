/** What a schedule is predicted to give, by a forecast that was saved as JSON. */

import { corners as cornersOf } from "./corners.js";
import { about, nearest } from "./distance.js";
import { divided, evenly, geometrically, history, unique } from "./history.js";
import { LAWS } from "./losses.js";

/** About how many losses a predicted curve has, as the library's. */
const POINTS = 60;

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
 * @param {object} forecast what `glissando forecast RUN... -o forecast.json` writes
 * @param {import("./engine.js").Schedule} schedule
 * @param {number} step after how many updates; by default at its end
 * @returns {Prediction}
 * @throws {Error} it is no forecast; the schedule never ends and there is no step; its rates are 0
 */
export function predict(forecast, schedule, step = schedule.steps) {
  if (forecast?.type !== "forecast") {
    throw new Error("forecast: write one by `glissando forecast RUN... -o forecast.json`");
  }
  if (!(step >= 1 && step < Infinity)) {
    throw new Error("forecast: say after how many steps, 1 or more: the schedule never ends");
  }
  const corners = cornersOf(schedule, 1, step - 1);
  const { peak, begin } = used(schedule, corners, step);
  if (!peak) throw new Error("forecast: the schedule must have rates above 0, got 0 alone");
  const group = nearest(forecast.peaks, peak, (each) => each.peak);
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
