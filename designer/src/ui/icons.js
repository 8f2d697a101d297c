/** Small pictures: lines on a square of 16. */

import { sample, drawnTo } from "../sampling.js";
import { html } from "./html.js";

const LINES = {
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  copy: "M6 6h7v7H6zM3 10V3h7",
  remove: "M3 5h10M6 5V3h4v2M5 5l.5 8h5l.5-8",
  more: "M3 8h.01M8 8h.01M13 8h.01",
  grip: "M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01",
  undo: "M6 4L3 7l3 3M3 7h6a4 4 0 010 6H7",
  redo: "M10 4l3 3-3 3M13 7H7a4 4 0 000 6h2",
  plus: "M8 3v10M3 8h10",
  close: "M4 4l8 8M12 4l-8 8",
  seen: "M1.5 8S4 4 8 4s6.5 4 6.5 4S12 12 8 12 1.5 8 1.5 8zM8 6.5v3M6.5 8h3",
  unseen: "M1.5 8S4 4 8 4s6.5 4 6.5 4S12 12 8 12 1.5 8 1.5 8zM3 13L13 3",
  done: "M3 8.5l3.5 3.5L13 4.5",
};

export const Icon = ({
  name,
}) => html`<svg class="icon ${name}" viewBox="0 0 16 16" aria-hidden="true">
  <path d=${LINES[name]} />
</svg>`;

const paths = new WeakMap();

/** Return the line of a built schedule in a box. */
function line(schedule, width, height) {
  const points = paths.get(schedule) ?? sample(schedule, 0, drawnTo(schedule), width);
  paths.set(schedule, points);
  const high = points.rates.reduce((x, y) => Math.max(x, y), 0) || 1;
  const last = points.steps.at(-1) || 1;
  const x = (step) => (2 + ((width - 4) * step) / last).toFixed(1);
  const y = (rate) => (height - 2 - ((height - 4) * rate) / high).toFixed(1);
  return `M${Array.from(points.steps, (step, i) => `${x(step)} ${y(points.rates[i])}`).join("L")}`;
}

/** A curve without axes. */
export const Sparkline = ({ schedule, width = 40, height = 20 }) => html`<svg
  class="sparkline"
  viewBox=${`0 0 ${width} ${height}`}
  aria-hidden="true"
>
  ${schedule && html`<path d=${line(schedule, width, height)} />`}
</svg>`;
