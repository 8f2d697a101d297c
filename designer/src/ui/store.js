/** The state over time: every change can be undone, and is said to screen readers. */

import { batch, computed, signal } from "@preact/signals";

import { RuleError } from "../rules.js";
import { built, kept } from "./state.js";

/** How many changes can be undone. */
const REMEMBERED = 500;

export class Store {
  /** @param {import("./state.js").State} state */
  constructor(state) {
    this.state = signal(state);
    this.past = signal([]);
    this.future = signal([]);
    this.said = signal("");
    this.trouble = signal("");
    this.segment = signal(0);
    this.gesture = null;
    this.entry = computed(() => this.state.value.schedules[this.state.value.view.selected]);
    this.schedule = computed(() => built(this.entry.value.schedule));
    this.view = computed(() => this.state.value.view);
  }

  /**
   * Change the state.
   * @param {string} what the change in words, as it is said and undone
   * @param {(state: object) => object} change
   * @param {any} gesture changes in a row of one gesture are undone together
   */
  edit(what, change, gesture = null) {
    const now = this.state.peek();
    const next = change(now);
    if (next === now) return;
    batch(() => {
      if (gesture === null || gesture !== this.gesture) {
        this.past.value = [...this.past.peek().slice(1 - REMEMBERED), { state: now, what }];
      }
      this.gesture = gesture;
      this.future.value = [];
      this.state.value = next;
      this.said.value = what;
      this.trouble.value = "";
    });
  }

  /**
   * Change the selected schedule; one that breaks a rule is refused in the rule's words.
   * @param {(data: object) => object} reshaped
   * @returns {string | null} the message
   */
  reshape(what, reshaped, gesture = null) {
    const { data, message } = this.tried(reshaped);
    if (message) {
      this.trouble.value = message;
      return message;
    }
    const change = (entry) => (same(entry.schedule, data) ? entry : { ...entry, schedule: data });
    this.edit(what, (state) => withEntry(state, change), gesture);
    return null;
  }

  /** Return the data after a change, or the message of the rule that it breaks. */
  tried(change) {
    try {
      return { data: kept(change(this.entry.peek().schedule)) };
    } catch (error) {
      if (error instanceof RuleError) return { message: error.message };
      throw error;
    }
  }

  /** Return the gesture of a key: while it is held down, that of the change before. */
  gestureOf(again) {
    return again ? this.gesture : again === false ? {} : null;
  }

  show(change, what) {
    this.edit(what, (state) => ({ ...state, view: { ...state.view, ...change } }));
  }

  /** Select a schedule; that is no change to undo. */
  select(selected) {
    const state = this.state.peek();
    batch(() => {
      this.state.value = { ...state, view: { ...state.view, selected } };
      this.segment.value = 0;
      this.gesture = null;
    });
  }

  undo() {
    this.travel(this.past, this.future, "Undone");
  }

  redo() {
    this.travel(this.future, this.past, "Redone");
  }

  travel(from, to, word) {
    const [entry, ...rest] = from.peek().toReversed();
    if (!entry) return;
    batch(() => {
      from.value = rest.reverse();
      to.value = [...to.peek(), { state: this.state.peek(), what: entry.what }];
      this.state.value = entry.state;
      this.said.value = `${word}: ${entry.what}`;
      this.trouble.value = "";
      this.gesture = null;
    });
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** Return a state whose selected schedule is another. */
export function withEntry(state, change) {
  const { selected } = state.view;
  const entry = state.schedules[selected];
  const next = change(entry);
  return next === entry ? state : { ...state, schedules: state.schedules.with(selected, next) };
}
