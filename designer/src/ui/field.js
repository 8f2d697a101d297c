/** Fields of exact numbers, with the rules' own messages. */

import { useState } from "preact/hooks";

import { FAMILIES, check } from "../rules.js";
import { html } from "./html.js";
import { at, put } from "./segments.js";
import { UNITS, exact, parse, perStep, round125, tidy } from "./units.js";

const FINE = 0.1;

const PREFIX = `glissando-${Math.random().toString(36).slice(2, 8)}`;

let ids = 0;

/** Return an id that no other element has, on a page with several modules of the designer, too. */
const freshId = () => `${PREFIX}-${++ids}`;

/**
 * @param {object} props
 * @param {string} props.label
 * @param {string} props.text what it holds
 * @param {(text: string, again?: boolean) => string | null} props.set takes what was typed, or
 *   returns why not; `again` says of a key whether it is held down
 * @param {(text: string) => string | null} [props.check] why what was typed cannot be taken
 * @param {(text: string, way: number) => string} [props.nudge] the text after an arrow key
 */
export function Field({ label, name, text, set, check: wrong, nudge, hint, wide }) {
  const [typing, setTyping] = useState(null);
  const [id] = useState(freshId);
  // what was typed is forgotten once the number itself has changed, by a handle or by undo
  const { draft = null, message = null } = typing?.text === text ? typing : {};
  const keep = (typed, words) => setTyping({ text, draft: typed, message: words });

  const take = (typed, again) => {
    const words = typed === text ? null : set(typed, again);
    if (words) keep(typed, words);
    else setTyping(null);
  };
  const onInput = ({ currentTarget: { value } }) =>
    keep(value, message && wrong ? wrong(value) : null);
  const onKeyDown = (event) => {
    const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === "Escape" && draft !== null) {
      event.stopPropagation();
      setTyping(null);
    } else if (way && nudge) {
      event.preventDefault();
      const next = nudge(draft ?? text, way * (event.shiftKey ? FINE : 1));
      if (next !== undefined) take(next, event.repeat);
    }
  };

  return html`<div class="field ${wide ? "wide" : ""} ${message ? "wrong" : ""}">
    <label for=${id}>${label}</label>
    <input
      id=${id}
      type="text"
      inputmode="decimal"
      autocomplete="off"
      spellcheck=${false}
      name=${name}
      value=${draft ?? text}
      data-draft=${draft !== null ? "" : undefined}
      aria-invalid=${message ? "true" : undefined}
      aria-describedby=${message ? `${id}-m` : hint ? `${id}-h` : undefined}
      onFocus=${({ currentTarget }) => currentTarget.select()}
      onChange=${({ currentTarget }) => take(currentTarget.value)}
      ...${{ onInput, onKeyDown }}
    />
    ${hint && !message && html`<small id=${`${id}-h`}>${hint}</small>`}
    ${message && html`<p id=${`${id}-m`} class="message" role="alert">${message}</p>`}
  </div>`;
}

/** Return the text of a number after an arrow key: about a twentieth more or less. */
export function nudged(text, way, whole) {
  const value = parse(text);
  if (typeof value !== "number" || !Number.isFinite(value)) return undefined;
  const stride = value ? round125(Math.abs(value) / 20) : whole ? 1 : 1e-5;
  const step = whole
    ? Math.max(1, Math.round(stride * Math.abs(way))) * Math.sign(way)
    : stride * way;
  return exact(Math.max(0, tidy(value + step)));
}

/** A field of a schedule, at a path of the selected one. */
function RuleField({ store, path, tag, field, title }) {
  const view = store.view.value;
  const per = (field.member ?? field).steps ? perStep(view) : 1;
  const rule = field.member ?? field;
  const value = at(store.entry.value.schedule, path)[field.name] ?? field.default;
  const shownAs = (steps) => exact(per === 1 ? steps : tidy(steps * per));
  const text = Array.isArray(value)
    ? value.map((each) => shownAs(each)).join(", ")
    : shownAs(value);

  const number = (typed) => {
    const read = parse(typed);
    if (per === 1 || typeof read !== "number") return read;
    return rule.whole && Number.isFinite(read) ? Math.round(read / per) : tidy(read / per);
  };
  const read = (typed) =>
    field.kind === "list"
      ? typed
          .replaceAll(/[[\]()]/g, "")
          .split(/[,;\s]+/)
          .filter(Boolean)
          .map(number)
      : number(typed);
  const change = (typed) => (data) => put(data, [...path, field.name], read(typed));
  const wrong = (typed) =>
    check(tag, field.name, read(typed)) ?? store.tried(change(typed)).message;
  const set = (typed, again) => {
    const own = check(tag, field.name, read(typed));
    const what = `${title}: ${field.name} is ${typed}`;
    return own ?? store.reshape(what, change(typed), store.gestureOf(again));
  };
  const whole = rule.whole && per === 1;
  return html`<${Field}
    label=${labelOf(field.name, rule.steps, view)}
    name=${field.name}
    text=${text}
    set=${set}
    check=${(typed) => wrong(typed) ?? null}
    nudge=${field.kind === "number" ? (now, way) => nudged(now, way, whole) : undefined}
    wide=${field.kind === "list"}
  />`;
}

/** The fields of the schedule at a path that hold numbers. */
export function RuleFields({ store, path, title }) {
  const tag = at(store.entry.value.schedule, path).type;
  const fields = FAMILIES[tag].fields.filter(({ kind }) => kind === "number" || kind === "list");
  return html`<div class="fields">
    ${fields.map(
      (field) => html`<${RuleField} key=${field.name} ...${{ store, path, tag, field, title }} />`,
    )}
  </div>`;
}

function labelOf(name, counts, { unit }) {
  if (!counts || unit === "step") return name;
  const { many } = UNITS[unit];
  return name === "steps" ? many : `${name}, in ${many}`;
}
