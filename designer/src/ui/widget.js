/** The designer in a notebook: one traitlet, the JSON text of a schedule, both ways. */

import { mount } from "./mount.js";

/**
 * What anywidget calls for each view of a widget.
 * @returns {() => void} what takes the view away
 */
export function render({ model, el }) {
  // or keys would be commands to the notebook around it: D deletes the cell
  const keep = (event) => event.stopPropagation();
  el.addEventListener("keydown", keep);

  let known; // what Python and the page both have
  const designer = mount(el, {
    state: JSON.parse(model.get("schedule")),
    forecast: JSON.parse(model.get("forecast")),
    onChange(state) {
      const text = textOf(state);
      if (text === known) return;
      known = text;
      model.set("schedule", text);
      model.save_changes();
    },
  });
  known = textOf(designer.state);

  const follow = () => {
    const text = model.get("schedule");
    if (text === known) return;
    const next = replaced(designer.state, JSON.parse(text));
    known = textOf(next);
    designer.set(next);
    known = textOf(designer.state);
  };
  model.on("change:schedule", follow);
  return () => {
    model.off("change:schedule", follow);
    el.removeEventListener("keydown", keep);
    designer.destroy();
  };
}

/** Return the JSON text of the schedule that is selected. */
function textOf({ schedules, view }) {
  return JSON.stringify({ glissando: 1, ...schedules[view.selected].schedule });
}

function replaced(state, schedule) {
  const { selected } = state.view;
  const schedules = state.schedules.with(selected, { ...state.schedules[selected], schedule });
  return { ...state, schedules };
}
