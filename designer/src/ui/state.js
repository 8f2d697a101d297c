/** What the designer shows, as plain data: in the address of its page, as JSON, in a notebook. */

import { build } from "../engine.js";
import { RuleError, shown } from "../rules.js";

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {object} schedule its JSON form; a chain of no parts is a place for one
 * @property {boolean} [hidden] whether its curve is not drawn
 */

/**
 * @typedef {object} State
 * @property {1} glissando the version of the form
 * @property {Entry[]} schedules
 * @property {typeof VIEW} view
 */

export const VIEW = {
  log: false,
  log_steps: false,
  unit: "step",
  per_epoch: 100,
  batch: 32,
  tokens: 1024,
  selected: 0,
};

export const EMPTY = { type: "chain", parts: [] };

export const isEmpty = (data) => data.type === "chain" && data.parts?.length === 0;

const known = new WeakMap();

/** Return the schedule of some data, built once; null of an empty chain. */
export function built(data) {
  if (isEmpty(data)) return null;
  if (!known.has(data)) {
    const schedule = build(data);
    known.set(data, schedule);
    known.set(schedule.data, schedule);
  }
  return known.get(data);
}

/** Return data as it is kept: without what is a default, and checked. */
export const kept = (data) => built(data)?.data ?? EMPTY;

/**
 * Return the whole state of what was loaded: a state, or a schedule alone.
 * @param {any} data
 * @returns {State}
 * @throws {RuleError} it is neither, or a schedule in it breaks a rule
 */
export function readState(data) {
  if (data === null || typeof data !== "object" || Array.isArray(data)) {
    throw new RuleError(`designer: write a schedule or a state as JSON, got ${shown(data)}`);
  }
  if (data.type !== undefined)
    return readState({ schedules: [{ name: "schedule", schedule: data }] });
  if (!Array.isArray(data.schedules)) {
    throw new RuleError(`designer: \`schedules\` must be a list, got ${shown(data.schedules)}`);
  }
  const schedules = data.schedules.map((entry, i) => readEntry(entry, i));
  if (!schedules.length) schedules.push({ name: "schedule", schedule: EMPTY });
  return { glissando: 1, schedules, view: readView(data.view ?? {}, schedules.length) };
}

function readEntry(entry, i) {
  const name = String(entry?.name ?? `schedule ${i + 1}`);
  try {
    const schedule = kept(entry?.schedule);
    return entry.hidden ? { name, schedule, hidden: true } : { name, schedule };
  } catch (error) {
    if (error instanceof RuleError) throw new RuleError(`${name}: ${error.message}`, error.path);
    throw new RuleError(`designer: \`schedules[${i}]\` must be a name and a schedule`);
  }
}

function readView(given, count) {
  const view = { ...VIEW };
  for (const name of Object.keys(VIEW)) {
    if (typeof given[name] === typeof VIEW[name]) view[name] = given[name];
  }
  for (const name of ["per_epoch", "batch", "tokens"]) {
    if (!(Number.isInteger(view[name]) && view[name] > 0)) view[name] = VIEW[name];
  }
  if (!["step", "epoch", "sample", "token"].includes(view.unit)) view.unit = "step";
  if (!(view.selected >= 0 && view.selected < count)) view.selected = 0;
  return view;
}

/** Return a state as the text in an address: its JSON in base64url. */
export function encode(state) {
  const changed = Object.entries(state.view).filter(([name, value]) => value !== VIEW[name]);
  const json = JSON.stringify({ ...state, view: Object.fromEntries(changed) });
  const bytes = Array.from(new TextEncoder().encode(json), (byte) => String.fromCharCode(byte));
  return btoa(bytes.join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Return the state of the text in an address. */
export function decode(text) {
  let data;
  try {
    const bytes = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    data = JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (c) => c.charCodeAt(0))));
  } catch {
    throw new RuleError("designer: what follows # in the address is no state of the designer");
  }
  return readState(data);
}
