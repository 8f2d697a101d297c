/** The curves with the handles of the selected schedule. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { handles } from "./handles.js";
import { html } from "./html.js";
import { Plot } from "./plot.js";
import { stroke } from "./palette.js";
import { lengthText, rateText, round125, tidy } from "./units.js";

/** Of more handles the first are shown. */
const MOST = 60;

/** How much slower a handle follows, and how much shorter a key's step is, with Shift. */
const FINE = 0.1;

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export function Curve({ store, mode, label, children }) {
  const place = useRef();
  const [plot, setPlot] = useState(null);
  useLayoutEffect(() => {
    const made = new Plot(place.current, store, mode);
    setPlot(made);
    return () => made.destroy();
  }, []);
  return html`<div class="curve" role="group" aria-label=${label}>
    <div class="plot" ref=${place} aria-hidden="true"></div>
    ${plot && html`<${Handles} plot=${plot} store=${store} />`}
    ${plot && html`<${Readout} plot=${plot} store=${store} />`}
    ${children}
  </div>`;
}

function Handles({ plot, store }) {
  plot.frame.value;
  const entry = store.entry.value;
  const schedule = store.schedule.value;
  if (!schedule || entry.hidden || !plot.u) return null;
  const { left, top } = plot.offset();
  const color = stroke(store.view.value.selected).color;
  const seen = handles(schedule).filter(({ step }) => step <= plot.x[1]);
  return seen.slice(0, MOST).map((handle, i) => {
    const style = {
      left: `${left + plot.left(handle.step)}px`,
      top: `${top + plot.top(handle.rate)}px`,
      "--color": color,
    };
    return html`<${Handle} key=${i} ...${{ handle, plot, store, style }} />`;
  });
}

function labelOf({ name, part }) {
  const number = part === undefined || part < 0 ? 1 : part + 1;
  if (name === "half") return `Half-life of segment ${number}`;
  if (name === "corner") return `Corner of segments ${number} and ${number + 1}`;
  return `${name[0].toUpperCase()}${name.slice(1)} of segment ${number}`;
}

function Handle({ handle, plot, store, style }) {
  const drag = useRef(null);
  const view = store.view.value;
  const label = labelOf(handle);
  const value = `${lengthText(handle.step, view)}, rate ${rateText(handle.rate)}`;

  const move = (first, to, gesture) => {
    const rate = Math.max(0, to.rate);
    const what = `${label}: ${lengthText(Math.max(0, to.step), view)}, rate ${rateText(rate)}`;
    store.reshape(what, () => first.move({ step: to.step, rate }), gesture);
  };

  const onPointerDown = (event) => {
    if (event.button) return;
    event.preventDefault();
    event.currentTarget.focus();
    event.currentTarget.setPointerCapture(event.pointerId);
    const read = plot.hold();
    const at = { x: plot.left(handle.step), y: plot.top(handle.rate) };
    drag.current = {
      ...at,
      read,
      first: handle,
      from: [event.clientX, event.clientY],
      gesture: {},
    };
  };

  const onPointerMove = (event) => {
    const now = drag.current;
    if (!now) return;
    const slow = event.shiftKey ? FINE : 1;
    now.x += (event.clientX - now.from[0]) * slow;
    now.y += (event.clientY - now.from[1]) * slow;
    now.from = [event.clientX, event.clientY];
    const { first, read } = now;
    const step = first.level ? first.step : snapped(read.step, now.x, slow, 1);
    move(first, { step, rate: snapped(read.rate, now.y, slow, 0) }, now.gesture);
  };

  const onPointerUp = () => {
    if (!drag.current) return;
    drag.current = null;
    plot.release();
  };

  const onKeyDown = (event) => {
    if (event.key === "Escape" && drag.current) {
      if (store.gesture === drag.current.gesture) store.undo();
      onPointerUp();
    }
    const way = ARROWS[event.key];
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const slow = event.shiftKey ? FINE : 1;
    const stride = Math.max(1, round125(((plot.x[1] - plot.x[0]) / 50) * slow));
    const step = handle.level ? handle.step : Math.max(0, handle.step + way[0] * stride);
    const gesture = store.gestureOf(event.repeat);
    move(handle, { step, rate: way[1] ? nudged(handle.rate, way[1], slow) : handle.rate }, gesture);
  };

  const nudged = (rate, way, slow) => {
    if (view.log && rate > 0) return tidy(rate * 1.1 ** (way * slow), 3);
    return tidy(rate + way * round125((plot.y[1] / 50) * slow));
  };

  return html`<div
    class="handle ${handle.name} ${plot.left(handle.step) < 90 ? "" : "leftwards"}"
    role="slider"
    tabindex="0"
    aria-label=${label}
    aria-valuenow=${handle.rate}
    aria-valuemin="0"
    aria-valuemax=${plot.y[1]}
    aria-valuetext=${value}
    data-value=${value.replace(", rate", " ·")}
    style=${style}
    onFocus=${() => handle.part >= 0 && (store.segment.value = handle.part)}
    ...${{ onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp, onKeyDown }}
  ></div>`;
}

/** Return the value at a pixel, as round as about two pixels allow. */
function snapped(read, pixel, slow, least) {
  const value = read(pixel);
  const near = Math.abs(read(pixel + slow) - value) || 1;
  const unit = Math.max(least, round125(2.5 * near));
  return tidy(Math.round(value / unit) * unit);
}

/** What the rates are where the pointer is. */
function Readout({ plot, store }) {
  const step = plot.cursor.value;
  if (step === null) return null;
  const { schedules, view } = store.state.value;
  const rows = plot.lines.map(
    ({ i, schedule }) => html`<div key=${i}>
      <i style=${{ background: stroke(i).color }}></i>${schedules[i]?.name}
      <b>${rateText(schedule.rate(step))}</b>
    </div>`,
  );
  const { left } = plot.offset();
  const width = plot.place.clientWidth;
  const side = left + plot.left(step) > width / 2 ? { left: `${left + 10}px` } : { right: "36px" };
  return html`<div class="readout" aria-hidden="true" style=${side}>
    <div>${lengthText(step, view)}</div>
    ${rows}
  </div>`;
}
