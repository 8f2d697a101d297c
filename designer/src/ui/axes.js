/** The axes of the curves, and where values are on them. */

import { UNITS, countText, rateText, tidy } from "./units.js";

/** How uPlot calls kinds of scales. */
export const LINEAR = 1;
export const LOG = 3;

const FONT = "12px system-ui, sans-serif";

/** Return uPlot's options of the axes: steps, and rates. */
export function axes(view, text, line) {
  const axis = {
    stroke: text,
    font: FONT,
    labelFont: FONT,
    grid: { stroke: line, width: 1 },
    ticks: { stroke: line, width: 1, size: 4 },
  };
  const steps = {
    ...axis,
    ...(view.log_steps ? decades : {}),
    space: 68,
    label: UNITS[view.unit].many,
    labelSize: 18,
    size: 32,
    values: (_, at) => at.map((value) => (value === null ? "" : countText(value))),
  };
  const rates = {
    ...axis,
    ...(view.log ? decades : {}),
    size: (_, values) => 14 + 7 * Math.max(4, ...(values ?? []).map((text) => text.length)),
    values: (_, at) => at.map((value) => (value === null ? "" : rateText(value))),
  };
  return [steps, rates];
}

/** Where a logarithmic axis is marked: at powers of ten, and where they are few, between them. */
const decades = {
  splits: (_u, _axis, low, high) => {
    const found = [];
    const count = Math.log10(high / low);
    const between = count < 3 ? [1, 2, 5] : [1];
    const stride = Math.ceil(count / 12);
    for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power += stride) {
      found.push(...between.map((digit) => tidy(digit * 10 ** power)));
    }
    return found.filter((value) => value >= low && value <= high);
  },
  filter: (_, splits) => splits,
};

/** Return the function from a value to pixels. */
export function scaler([low, high], from, length, log) {
  if (!log) return (value) => from + ((value - low) / (high - low)) * length;
  const ratio = length / Math.log(high / low);
  return (value) => from + Math.log(Math.max(value, low) / low) * ratio;
}

/** Return the function from pixels to a value. */
export function reader([low, high], from, length, log) {
  if (!log) return (pixel) => low + ((pixel - from) / length) * (high - low);
  return (pixel) => low * Math.exp(((pixel - from) / length) * Math.log(high / low));
}
