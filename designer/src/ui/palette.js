/** The colors and dashes of curves, in light and in dark. */

export const COLORS = {
  light: ["#0072b2", "#d55e00", "#007a5a", "#a6328c", "#8c6d00", "#444444", "#2b8cbe", "#b3541e"],
  dark: ["#56b4e9", "#f0824a", "#2fbf8f", "#d983c6", "#d4b02a", "#bdbdbd", "#7cc4ea", "#e5a36b"],
};

export const DASHES = [[], [9, 4], [2, 4], [10, 4, 2, 4], [5, 5], [1, 3], [14, 5], [6, 3, 2, 3]];

/** Return the color and the dash of the curve of a number. */
export function stroke(i, mode) {
  const colors = COLORS[mode];
  return { color: colors[i % colors.length], dash: DASHES[i % DASHES.length] };
}
