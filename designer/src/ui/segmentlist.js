/** The segments of the selected schedule: add, reorder, duplicate, delete. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";

import { FAMILIES } from "../rules.js";
import { touching } from "./handles.js";
import { html } from "./html.js";
import { Icon, Sparkline } from "./icons.js";
import { Menu } from "./menu.js";
import { Node } from "./node.js";
import { chainOf, ending, moved, put, segmentsOf, withNew } from "./segments.js";
import { EMPTY, built } from "./state.js";
import { rateText } from "./units.js";
import { Wholes } from "./wholes.js";

/** What is most often wanted comes first. */
const FIRST = ["linear", "constant", "cosine", "log_linear", "polynomial", "sqrt"];

/** The space between two segments, in pixels. */
const GAP = 8;

/** Return how far down a segment is while one is dragged: the others make room for it. */
function shift({ i: dragged, to, by, height }, i) {
  if (i === dragged) return by;
  if (dragged < i && i <= to) return -height;
  return to <= i && i < dragged ? height : 0;
}

export function Segments({ store }) {
  const data = store.entry.value.schedule;
  const segments = segmentsOf(data);
  const list = useRef();
  const focus = useRef(null);
  const [drag, setDrag] = useState(null);

  useLayoutEffect(() => {
    if (!focus.current) return;
    const { i, what } = focus.current;
    focus.current = null;
    const { children, nextElementSibling: add } = list.current;
    (children[i]?.querySelector(what) ?? add.querySelector("button")).focus();
  });

  const reshape = (what, change, then) => {
    const message = store.reshape(what, (now) => chainOf(change(segmentsOf(now))));
    if (!message && then) {
      focus.current = then;
      store.segment.value = then.i;
    }
  };
  const move = (i, to, what) => {
    if (to < 0 || to >= segments.length || to === i) return;
    reshape(`Segment ${i + 1} moved to place ${to + 1}`, (all) => moved(all, i, to), {
      i: to,
      what,
    });
  };
  const add = (tag) => {
    const i = segments.length;
    const what = `${FAMILIES[tag].title} added as segment ${i + 1}`;
    if (!store.reshape(what, (now) => withNew(now, tag))) {
      store.segment.value = i;
      focus.current = { i, what: "input" };
    }
  };

  const grip = (i) => ({
    onKeyDown: (event) => {
      if (event.key === "Escape") setDrag(null);
      const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!way) return;
      event.preventDefault();
      move(i, i + way, ".grip");
    },
    onPointerDown: (event) => {
      if (event.button) return;
      event.preventDefault();
      event.currentTarget.focus();
      event.currentTarget.setPointerCapture(event.pointerId);
      const boxes = [...list.current.children].map((each) => each.getBoundingClientRect());
      const middles = boxes.map(({ top, height }) => top + height / 2);
      setDrag({ i, to: i, from: event.clientY, by: 0, middles, height: boxes[i].height + GAP });
    },
    onPointerMove: (event) => {
      if (!drag) return;
      const by = event.clientY - drag.from;
      const y = drag.middles[i] + by;
      const to = drag.middles.filter((middle, j) => j !== i && middle < y).length;
      setDrag({ ...drag, by, to });
    },
    onPointerUp: () => {
      if (drag) move(i, drag.to, ".grip");
      setDrag(null);
    },
    onPointerCancel: () => setDrag(null),
  });

  const body = segments.map((_, i) => {
    const title = `Segment ${i + 1}`;
    const style = drag ? { transform: `translateY(${shift(drag, i)}px)` } : {};
    const tool = (icon, label, act, off) => html`<button
      type="button"
      class="tool ${icon}"
      title=${label}
      aria-label=${`${title}: ${label}`}
      aria-disabled=${off ? "true" : undefined}
      onClick=${() => off || act()}
    ><${Icon} name=${icon} /></button>`;
    const tools = [
      tool("up", "move up", () => move(i, i - 1, ".up"), i === 0),
      tool("down", "move down", () => move(i, i + 1, ".down"), i === segments.length - 1),
      tool("copy", "duplicate", () =>
        reshape(`${title} duplicated`, (all) => all.toSpliced(i, 0, all[i]), {
          i: i + 1,
          what: ".copy",
        }),
      ),
      tool("remove", "delete", () =>
        reshape(`${title} deleted`, (all) => all.toSpliced(i, 1), {
          i: Math.min(i, segments.length - 2),
          what: ".remove",
        }),
      ),
    ];
    const before = html`<button
      type="button"
      class="grip"
      aria-label=${`${title}: drag to reorder, or press the up and down arrow keys`}
      title="Drag to reorder"
      ...${grip(i)}
    ><${Icon} name="grip" /></button>`;
    const path = data.type === "chain" ? ["parts", i] : [];
    return html`<li
      key=${i}
      class="segment ${drag?.i === i ? "dragged" : ""}"
      data-on=${store.segment.value === i}
      aria-label=${title}
      style=${style}
      onFocusIn=${() => (store.segment.value = i)}
    >
      <${Node} ...${{ store, path, title, before, tools }} />
      <${Jump} ...${{ store, i }} />
    </li>`;
  });

  return html`<section class="card segments" aria-label="Segments">
    <div class="title"><h2>Segments</h2></div>
    ${segments.length > 0 && html`<${Wholes} store=${store} />`}
    ${
      segments.length === 0 &&
      html`<p class="empty">Nothing yet. Add a segment, or begin with a recipe or with another
      framework's schedule.</p>`
    }
    <ol ref=${list} class=${drag ? "dragging" : ""}>${body}</ol>
    <${Menu}
      label="Add a segment"
      kind="main add"
      face=${html`<${Icon} name="plus" /><span>Add a segment</span>`}
      items=${addItems(add)}
    />
  </section>`;
}

const icons = {};

/** Return a schedule that shows what a family looks like. */
function example(tag) {
  return (icons[tag] ??= built(ending(withNew(EMPTY, tag))));
}

function addItems(add) {
  const families = Object.values(FAMILIES).filter(({ combinator }) => !combinator);
  const item = ({ tag, title, summary }) => ({
    name: title,
    text: html`<${Sparkline} schedule=${example(tag)} /><span>${title}</span
      ><small>${summary.split(":")[0]}</small>`,
    act: () => add(tag),
  });
  const often = FIRST.map((tag) => FAMILIES[tag]);
  const others = families.filter(({ tag }) => !FIRST.includes(tag));
  return [...often.map(item), "More shapes", ...others.map(item)];
}

/** Where a segment does not begin at the rate where the one before ends. */
function Jump({ store, i }) {
  const schedule = store.schedule.value;
  const [one, next] = schedule?.type === "chain" ? schedule.parts.slice(i, i + 2) : [];
  if (!next || one.steps === Infinity || touching(one, next)) return null;
  const join = () =>
    store.reshape(`Segment ${i + 2} begins where segment ${i + 1} ends`, (data) => {
      const name = "value" in next.data ? "value" : "start";
      return put(data, ["parts", i + 1, name], one.end);
    });
  const can = "start" in next.data || "value" in next.data;
  return html`<p class="jump">
    Jumps from ${rateText(one.end)} to ${rateText(next.rate(0))}
    ${can && html` <button type="button" class="quiet" onClick=${join}>Join</button>`}
  </p>`;
}
