/** The colors and dashes of curves: those of the library's pictures. */

import { COLORS, DASHES } from "../generated/palette.js";

/** Lengths of the dashes and of the gaps between them. */
const LENGTHS = {
  solid: [],
  dash: [9, 4],
  dot: [2, 4],
  dashdot: [9, 4, 2, 4],
  longdash: [15, 5],
  longdashdot: [15, 5, 2, 5],
};

/** Return the color and the dash of the curve of a number. */
export function stroke(i) {
  return { color: COLORS[i % COLORS.length], dash: LENGTHS[DASHES[i % DASHES.length]] };
}
