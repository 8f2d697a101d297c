/** The curves: uPlot's axes and canvas, and lines of two points for each column of pixels. */

import { effect, signal } from "@preact/signals";
import uPlot from "uplot";

import { drawnTo, sample } from "../sampling.js";
import { LINEAR, LOG, axes, reader, scaler } from "./axes.js";
import { shade } from "./bands.js";
import { stroke } from "./palette.js";
import { segmentsOf } from "./segments.js";
import { built } from "./state.js";
import { perStep } from "./units.js";

/** How far below the highest rate a logarithmic axis goes. */
const DECADES = 1e-6;

/** How much of the height is above the highest rate: there the segments are named. */
const HEADROOM = 0.12;

const samples = new WeakMap();

/** Return the points of a schedule's line, sampled once for each range. */
function sampled(schedule, first, last, columns, logX) {
  const key = `${first} ${last} ${columns} ${logX}`;
  const known = samples.get(schedule);
  if (known?.key === key) return known.points;
  const points = sample(schedule, first, last, columns, logX);
  samples.set(schedule, { key, points });
  return points;
}

export class Plot {
  /**
   * @param {HTMLElement} place
   * @param {import("./store.js").Store} store
   * @param {{value: "light" | "dark"}} mode
   */
  constructor(place, store, mode) {
    Object.assign(this, { place, store, mode });
    this.frame = signal(0);
    this.cursor = signal(null);
    this.size = signal(this.measured());
    this.held = null;
    this.lines = [];
    this.observer = new ResizeObserver(() => {
      const { width, height } = this.measured();
      const now = this.size.peek();
      if (width !== now.width || height !== now.height) this.size.value = { width, height };
    });
    this.observer.observe(place);
    this.stop = effect(() => this.draw());
  }

  destroy() {
    this.stop();
    this.observer.disconnect();
    this.u?.destroy();
  }

  measured() {
    return { width: this.place.clientWidth, height: this.place.clientHeight };
  }

  /** Draw what the state says. */
  draw() {
    const { schedules, view } = this.store.state.value;
    const { width, height } = this.size.value;
    if (!width) return;
    this.lines = schedules
      .map(({ hidden, schedule }, i) => ({ i, schedule: hidden ? null : built(schedule) }))
      .filter((line) => line.schedule);
    this.selected = view.selected;
    this.segment = this.store.segment.value;
    this.take(view, width, height);
  }

  take(view, width, height) {
    const last = Math.max(1, ...this.lines.map((line) => drawnTo(line.schedule)));
    const whole = this.lines.length ? last : 1000;
    const first = view.log_steps ? 1 : 0;
    this.unit = perStep(view);
    this.x = this.ranged("x", [first, Math.max(whole, first + 1)]);
    const columns = Math.min(Math.max(100, Math.round(width)), 2000);
    for (const line of this.lines) {
      const end = Math.min(Math.round(this.x[1]), Math.max(line.schedule.steps, first + 1));
      line.points = sampled(line.schedule, first, end, columns, view.log_steps);
    }
    this.y = this.ranged("y", this.rates(view.log));
    this.paint(view, width, height);
  }

  /** Return the range of steps in the unit of the axis. */
  inUnits() {
    return this.x.map((step) => step * this.unit);
  }

  /** Return a range that only grows while a handle is dragged. */
  ranged(name, [low, high]) {
    const held = this.held?.[name];
    return held ? [Math.min(low, held[0]), Math.max(high, held[1])] : [low, high];
  }

  rates(log) {
    let [low, high] = [Infinity, 0];
    for (const { points } of this.lines) {
      for (const rate of points.rates) {
        if (rate > high) high = rate;
        if (rate > 0 && rate < low) low = rate;
      }
    }
    if (!high) [low, high] = [1e-4, 1e-3];
    if (!log) return [0, high * (1 + HEADROOM)];
    low = Math.max(low, high * DECADES) / 1.3;
    return [low, high * (high / low) ** HEADROOM];
  }

  paint(view, width, height) {
    const mode = this.mode.value;
    const curves = this.lines.map(({ i }) => `${i}${i === view.selected}`);
    const key = [view.log, view.log_steps, view.unit, mode, ...curves].join();
    const data = [this.inUnits(), ...this.lines.map(() => this.y)];
    if (key !== this.key || !this.u) {
      this.key = key;
      this.u?.destroy();
      this.u = new uPlot({ width, height, ...this.options(view) }, data, this.place);
      this.listen();
      return;
    }
    if (width !== this.u.width || height !== this.u.height) this.u.setSize({ width, height });
    this.u.setData(data);
  }

  options(view) {
    const style = getComputedStyle(this.place);
    const [text, line] = ["--soft", "--grid"].map((name) => style.getPropertyValue(name));
    return {
      padding: [14, 26, 0, 4],
      legend: { show: false },
      select: { show: false },
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: {
        x: { time: false, distr: view.log_steps ? LOG : LINEAR, range: () => this.inUnits() },
        y: { distr: view.log ? LOG : LINEAR, range: () => this.y },
      },
      axes: axes(view, text, line),
      series: [{}, ...this.lines.map((each) => this.series(each, view))],
      hooks: {
        drawClear: [() => this.bands()],
        draw: [() => (this.frame.value = this.frame.peek() + 1)],
        setCursor: [() => this.point()],
      },
    };
  }

  series({ i }, view) {
    const { color, dash } = stroke(i);
    const on = i === view.selected;
    return {
      stroke: color,
      dash,
      width: on ? 2.5 : 1.75,
      fill: on ? `${color}1a` : undefined,
      points: { show: false },
      paths: (u, number) => this.path(number - 1, on && !view.log, view),
    };
  }

  /** Return the path of a line, in pixels of the canvas. */
  path(number, filled, { log, log_steps }) {
    const { left, top, width, height } = this.u.bbox;
    const { steps, rates } = this.lines[number].points;
    const toX = scaler(this.x, left, width, log_steps);
    const toY = scaler(this.y, top + height, -height, log);
    const line = new Path2D();
    let apart = true;
    for (let i = 0; i < steps.length; i++) {
      if (log && !(rates[i] > 0)) {
        apart = true;
        continue;
      }
      const [x, y] = [toX(steps[i]), toY(rates[i])];
      if (apart) line.moveTo(x, y);
      else line.lineTo(x, y);
      apart = false;
    }
    let fill = null;
    if (filled) {
      fill = new Path2D(line);
      fill.lineTo(toX(steps.at(-1)), top + height);
      fill.lineTo(toX(steps[0]), top + height);
    }
    return { stroke: line, fill, clip: null, band: null, gaps: null, flags: 1 };
  }

  /** Shade the segments of the selected schedule. */
  bands() {
    const line = this.lines.find(({ i }) => i === this.selected);
    if (line?.schedule.type !== "chain") return;
    const left = (step) => this.left(Math.min(step, this.x[1]));
    shade(this.u, this.place, line.schedule.parts, this.segment, left);
  }

  /** Return where a step is, in pixels from the left of the plotting area. */
  left(step) {
    const { log_steps } = this.store.view.peek();
    return scaler(this.x, 0, this.u.bbox.width / devicePixelRatio, log_steps)(step);
  }

  /** Return where a rate is, in pixels from the top of the plotting area. */
  top(rate) {
    const height = this.u.bbox.height / devicePixelRatio;
    const { log } = this.store.view.peek();
    const y = scaler(this.y, height, -height, log)(log ? Math.max(rate, this.y[0]) : rate);
    return Math.min(y, height);
  }

  /** Return the offset of the plotting area in its place. */
  offset() {
    const { left, top } = this.u.bbox;
    return { left: left / devicePixelRatio, top: top / devicePixelRatio };
  }

  /** Hold the ranges while a handle is dragged; return functions from pixels to values. */
  hold() {
    this.held = { x: this.x, y: this.y };
    const { log, log_steps } = this.store.view.peek();
    const { width, height } = this.u.bbox;
    return {
      step: reader(this.x, 0, width / devicePixelRatio, log_steps),
      rate: reader(this.y, height / devicePixelRatio, -height / devicePixelRatio, log),
    };
  }

  release() {
    this.held = null;
    this.draw();
  }

  listen() {
    this.u.over.addEventListener("click", () => {
      const step = this.cursor.peek();
      const line = this.lines.find(({ i }) => i === this.selected);
      if (step === null || line?.schedule.type !== "chain") return;
      let at = 0;
      const found = segmentsOf(line.schedule.data).findIndex((_, i) => {
        at += line.schedule.parts[i].steps;
        return step < at;
      });
      if (found >= 0) this.store.segment.value = found;
    });
  }

  point() {
    if (!this.u) return;
    const { left } = this.u.cursor;
    const { log_steps } = this.store.view.peek();
    const step = reader(this.x, 0, this.u.bbox.width / devicePixelRatio, log_steps)(left);
    this.cursor.value = left >= 0 && this.lines.length ? Math.round(step) : null;
  }
}
