/** What makes the forecast of one schedule unsure: the library's own rules and sentences. */

import { evenly, topOf, unique } from "./history.js";

const SAME_PEAK = 1.1;
const LONGER = 2;
const EARLY = 0.3;
const TINY = 0.1;
const RISE = 1.1;

/**
 * Return what makes the forecast of one schedule unsure, in sentences.
 * @param {import("./engine.js").Schedule} schedule
 * @param {{steps: number, peak: number, warmup: number, lowest: number, halves: boolean,
 *   rises: boolean}[]} pilots what the pilots have shown
 * @param {number} step after how many updates its loss is forecast
 * @returns {string[]}
 */
export function about(schedule, pilots, step) {
  const steps = unique(evenly(0, step - 1, 2000));
  const rates = steps.map(schedule.rate);
  const peak = Math.max(...rates);
  const top = topOf(rates);
  const found = [];
  const near = nearest(pilots, peak).peak;
  if (Math.max(peak / near, near / peak) > SAME_PEAK) {
    found.push(
      `its peak is ${general(peak, 4)}, the nearest of a pilot ${general(near, 4)}, and no law ` +
        "compares peaks: train a pilot at this peak, gl.pilots(...) says which",
    );
  }
  const longest = Math.max(...pilots.map((pilot) => pilot.steps));
  if (step > LONGER * longest) {
    const times = step / longest;
    found.push(
      `step ${whole(step)} is ${times < 99 ? general(times, 2) : whole(times)} times the longest ` +
        `pilot, ${whole(longest)} steps: the interval is wider for that`,
    );
  }
  const half = rates.findIndex((rate, i) => i >= top && rate <= rates[top] / 2);
  const early = half >= 0 && steps[half] <= EARLY * steps.at(-1);
  if (early && !pilots.some((pilot) => pilot.halves)) {
    found.push(
      `its rate has halved by step ${whole(steps[half])}, in the first ${EARLY * 100}% of the ` +
        "run, which no pilot's has: forecasts of such schedules err the most",
    );
  }
  const again = risesAgain(rates, peak);
  if (again >= 0 && !pilots.some((pilot) => pilot.rises)) {
    found.push(
      `its rate rises again at step ${whole(steps[again])}, which no pilot's does: laws know ` +
        "little of what a rise costs",
    );
  }
  const warmups = pilots.map((pilot) => pilot.warmup);
  const [shortest, slowest] = [Math.min(...warmups), Math.max(...warmups)];
  const slack = 0.05 * step;
  if (steps[top] > LONGER * slowest + slack || LONGER * steps[top] + slack < shortest) {
    const theirs =
      shortest === slowest ? whole(shortest) : `${whole(shortest)} to ${whole(slowest)}`;
    found.push(
      `its warm-up takes ${whole(steps[top])} steps, those of the pilots ${theirs}: laws know ` +
        "little of warm-ups",
    );
  }
  const lowest = Math.min(...rates.subarray(top));
  const known = Math.min(...pilots.map((pilot) => pilot.lowest));
  if (known > TINY * peak && lowest < known / LONGER) {
    found.push(
      `its rate falls to ${general(lowest, 4)}, and no pilot's below ${general(known, 4)}: what ` +
        "that gains is not measured, and at very low rates a loss may even rise",
    );
  }
  if (step > schedule.steps && schedule.rate(step - 1) === 0) {
    found.push(
      `its rate is 0 from step ${whole(schedule.steps)} to step ${whole(step)}: these updates ` +
        "change nothing",
    );
  }
  return found;
}

/** Return the member whose peak is nearest to a peak, by its factor. */
export function nearest(members, peak) {
  const away = (member) => Math.abs(Math.log(member.peak / peak));
  return members.reduce((best, member) => (away(member) < away(best) ? member : best));
}

/** Return where the rate rises again after its first rise and a fall, or -1. */
function risesAgain(rates, peak) {
  let [lowest, highest, fallen] = [Infinity, 0, false];
  return rates.findIndex((rate) => {
    highest = Math.max(highest, rate);
    fallen ||= rate < 0.9 * highest;
    const raised = rate > RISE * lowest + 0.01 * peak;
    lowest = raised ? rate : Math.min(lowest, rate);
    return raised && fallen;
  });
}

/** Spell a whole number with commas. */
function whole(number) {
  return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Spell a number to some digits, as Python's format "g" does. */
function general(number, digits) {
  const [mantissa, exponent] = number.toExponential(digits - 1).split("e");
  if (exponent >= -4 && exponent < digits) return String(Number(number.toPrecision(digits)));
  const sign = exponent < 0 ? "-" : "+";
  return `${Number(mantissa)}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
