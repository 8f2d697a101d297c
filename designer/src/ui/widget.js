/** The designer in a notebook: one traitlet, the JSON text of a schedule, both ways. */

import { mount } from "./mount.js";
import { isEmpty } from "./state.js";

/**
 * What anywidget calls for each view of a widget.
 * @returns {() => void} what takes the view away
 */
export function render({ model, el }) {
  const onChange = ({ schedules, view }) => {
    const { schedule } = schedules[view.selected];
    if (isEmpty(schedule)) return;
    model.set("schedule", JSON.stringify({ glissando: 1, ...schedule }));
    model.save_changes();
  };
  const read = () => JSON.parse(model.get("schedule") || "{}");
  const given = read();
  const designer = mount(el, { state: given.type ? given : undefined, onChange });
  const follow = () => {
    const { schedules, view } = designer.state;
    const now = { glissando: 1, ...schedules[view.selected].schedule };
    const next = read();
    if (next.type && JSON.stringify(next) !== JSON.stringify(now)) designer.set(replaced(designer.state, next));
  };
  model.on("change:schedule", follow);
  return () => {
    model.off("change:schedule", follow);
    designer.destroy();
  };
}

function replaced(state, schedule) {
  const { selected } = state.view;
  const schedules = state.schedules.with(selected, { ...state.schedules[selected], schedule });
  return { ...state, schedules };
}
