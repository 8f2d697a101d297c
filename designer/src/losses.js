/** The laws of the loss, as the library's forecasting.laws has them, with their sources. */

import { drops } from "./history.js";

/**
 * @typedef {object} Law
 * @property {number} clock the power of the rates whose sum is the law's time
 * @property {number[]} last how many steps before a point there are edges of bins
 * @property {number} bins about how many bins there are
 * @property {(history: import("./history.js").History, law: object) => number[]} losses
 *   the losses at the points of a history, from the law's JSON form
 */

const PLAIN = { clock: 1, last: [1, 8, 64], bins: 100 };

/** @type {Record<string, Law>} */
export const LAWS = {
  annealing: { ...PLAIN, losses: annealing },
  bound: {
    clock: 1,
    last: [...range(1, 9), ...range(1, 32).map((i) => Math.round(8 * 1.3 ** i))],
    bins: 400,
    losses: bound,
  },
  convex_kernel: { ...PLAIN, losses: (history, law) => kernel(history, { ...law, p: 1, q: 1 }) },
  kernel: { ...PLAIN, clock: 0.85, losses: kernel },
  multi_power: { ...PLAIN, losses: multiPower },
};

function range(low, high) {
  return Array.from({ length: high - low }, (_, i) => low + i);
}

function annealing(history, { L0, A, alpha, C, memory = 1000 }) {
  const { at, edges, last, mean, points, sums, top, unit, width } = history;
  let missing = 0; // what the warm-up's rates lack of the peak counts as progress
  const extra = [0];
  for (let j = 0; j <= top; j++) {
    missing += Math.max(last[top] - mean[j], 0) * width[j];
    extra.push(missing / unit);
  }
  const log = memory > 1 ? Math.log1p(-1 / memory) : -700;
  const falls = falling(drops(history));
  // the drops of a bin are spread evenly over its steps
  const spread = falls.map(([j]) => Math.expm1(log * width[j]) / (Math.expm1(log) * width[j]));
  return at.map((edge, i) => {
    let gained = 0;
    falls.forEach(([j, drop], k) => {
      if (j >= edge) return;
      const age = points[i] - edges[j + 1] + 1;
      gained += (1 - Math.exp(log * age) * spread[k]) * drop;
    });
    const progress = sums[edge] + extra[Math.min(edge, top + 1)];
    return L0 + A * progress ** -alpha - (C * memory * gained) / unit;
  });
}

function bound({ at, mean, sums, unit, width }, { L0, A, B }) {
  const summed = mean.map((rate, j) => (rate * width[j]) / unit);
  return at.map((edge) => {
    let [noise, left, later] = [0, 0, 0]; // the sums of rates, and of their squares, from here on
    for (let j = edge - 1; j >= 0; j--) {
      const before = left + summed[j];
      const squares = later + mean[j] * summed[j];
      if (left > 1e-300) {
        const inverse = 1 / left - 1 / before;
        noise +=
          width[j] === 1
            ? inverse * squares
            : inverse * later +
              mean[j] * (Math.log(before / left) + (mean[j] / unit / 2 - left) * inverse);
      }
      left = before;
      later = squares;
    }
    return L0 + A / sums[edge] + B * (later / left + noise);
  });
}

function kernel({ at, mean, sums }, { L0, A, alpha, B, C, p, q }) {
  const source = mean.map((rate) => Math.max(rate, 1e-12) ** p);
  return at.map((edge) => {
    // between bins of one rate nothing changes
    let noise = 0;
    for (let j = 0; j < edge; j++) {
      const change = j ? source[j] - source[j - 1] : source[0];
      if (change) noise += change * antiderivative(1 + C * (sums[edge] - sums[j]), q);
    }
    return L0 + A * sums[edge] ** -alpha + (B * noise) / C;
  });
}

/** Return the integral of y^-q from 1 to y; smooth at q = 1. */
function antiderivative(y, q) {
  const log = Math.log(y);
  const k = 1 - q;
  return Math.abs(k) < 1e-4 ? log * (1 + (k * log) / 2) : (Math.exp(k * log) - 1) / k;
}

function multiPower(history, { L0, A, alpha, B, C, beta, gamma }) {
  const { at, last, mean, sums, width } = history;
  const least = 1e-6 * Math.max(...last);
  const falls = falling(drops(history));
  const speed = falls.map(([j]) => C * Math.max(mean[j], least) ** -gamma);
  // a bin of one step has its own rate in the sum, a wide one half of its rates
  const middle = falls.map(([j]) => (width[j] === 1 ? sums[j] : (sums[j] + sums[j + 1]) / 2));
  return at.map((edge) => {
    let gained = 0;
    falls.forEach(([j, drop], k) => {
      if (j < edge) gained += drop * (1 - (1 + speed[k] * (sums[edge] - middle[k])) ** -beta);
    });
    return L0 + A * sums[edge] ** -alpha - B * gained;
  });
}

/** Return the bins in which the rate moves after its peak, each with how far it falls. */
function falling(drops) {
  return [...drops.entries()].filter(([, drop]) => drop);
}
