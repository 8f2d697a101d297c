/** The segments behind the curve. */

/**
 * Shade segments in turn, and name those that are wide enough.
 * @param {import("uplot").default} u
 * @param {Element} place the element whose style has the colors
 * @param {import("../engine.js").Schedule[]} parts
 * @param {number} selected the segment that is shaded most
 * @param {(step: number) => number} left where a step is in the plotting area
 */
export function shade({ ctx, bbox }, place, parts, selected, left) {
  const style = getComputedStyle(place);
  const [plain, strong, text] = ["--band", "--band-on", "--soft"].map((name) =>
    style.getPropertyValue(name),
  );
  const ratio = devicePixelRatio;
  ctx.save();
  ctx.font = `${12 * ratio}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
  let at = 0;
  for (const [i, part] of parts.entries()) {
    const from = left(at) * ratio + bbox.left;
    at += part.steps;
    const width = left(at) * ratio + bbox.left - from;
    ctx.fillStyle = i === selected ? strong : plain;
    if (i % 2 === 0 || i === selected) ctx.fillRect(from, bbox.top, width, bbox.height);
    const { title } = part.family;
    ctx.fillStyle = text;
    if (ctx.measureText(title).width + 16 * ratio < width) {
      ctx.fillText(title, from + 8 * ratio, bbox.top + 16 * ratio);
    }
  }
  ctx.restore();
}
