/** The list of schedules: select, name, show, add, duplicate, delete. */

import { html } from "./html.js";
import { Icon } from "./icons.js";
import { Menu } from "./menu.js";
import { stroke } from "./palette.js";
import { EMPTY } from "./state.js";

/** The line of a schedule as it is drawn. */
export function Swatch({ i }) {
  const { color, dash } = stroke(i);
  return html`<svg class="swatch" viewBox="0 0 24 10" aria-hidden="true">
    <path d="M1 5h22" stroke=${color} stroke-dasharray=${dash.map((x) => x * 0.6).join(" ")} />
  </svg>`;
}

/** Return the state with a schedule after the others, selected. */
export function withSchedule(state, entry) {
  const schedules = [...state.schedules, { ...entry, name: freeName(state, entry.name) }];
  return { ...state, schedules, view: { ...state.view, selected: schedules.length - 1 } };
}

/** Return a name that no schedule has: mine, mine 2, mine 3. */
function freeName({ schedules }, name) {
  const names = schedules.map((each) => each.name);
  const [stem] = name.split(/ \d+$/);
  let free = name;
  for (let i = 2; names.includes(free); i++) free = `${stem} ${i}`;
  return free;
}

function without(state, i) {
  const rest = state.schedules.toSpliced(i, 1);
  const schedules = rest.length ? rest : [{ name: "schedule", schedule: EMPTY }];
  const { selected } = state.view;
  const next = selected > i || selected === schedules.length ? Math.max(0, selected - 1) : selected;
  return { ...state, schedules, view: { ...state.view, selected: next } };
}

export function Schedules({ store, openStarts }) {
  const { schedules, view } = store.state.value;
  const add = () =>
    store.edit("A schedule added", (state) =>
      withSchedule(state, { name: "schedule", schedule: EMPTY }),
    );
  const change = (i, what, entry) =>
    store.edit(what, (state) => ({
      ...state,
      schedules: state.schedules.with(i, { ...state.schedules[i], ...entry }),
    }));
  const copy = (i) =>
    store.edit(`${schedules[i].name} duplicated`, (state) =>
      withSchedule(state, state.schedules[i]),
    );
  const remove = (i) => store.edit(`${schedules[i].name} deleted`, (state) => without(state, i));
  const rows = schedules.map(({ name, hidden }, i) => {
    const on = i === view.selected;
    const rename = ({ currentTarget }) => {
      const given = currentTarget.value.trim();
      if (given && given !== name) change(i, `${name} is now ${given}`, { name: given });
      else currentTarget.value = name;
    };
    return html`<li key=${i} data-on=${on}>
      ${
        on
          ? html`<${Swatch} i=${i} /><input
              class="name"
              aria-label="Name of the schedule"
              autocomplete="off"
              spellcheck=${false}
              value=${name}
              onChange=${rename}
            />`
          : html`<button type="button" class="pick" onClick=${() => store.select(i)}>
            <${Swatch} i=${i} /><span>${name}</span>
          </button>`
      }
      <button
        type="button"
        class="tool"
        aria-pressed=${!hidden}
        aria-label=${`${name}: shown`}
        title=${hidden ? "show" : "hide"}
        onClick=${() => change(i, `${name} ${hidden ? "shown" : "hidden"}`, { hidden: !hidden })}
      ><${Icon} name=${hidden ? "unseen" : "seen"} /></button>
      <${Menu}
        label=${`${name}: more`}
        kind="tool"
        face=${html`<${Icon} name="more" />`}
        items=${[
          { name: "Duplicate", text: "Duplicate", act: () => copy(i) },
          { name: "Delete", text: "Delete", act: () => remove(i) },
        ]}
      />
    </li>`;
  });
  return html`<section class="card schedules" aria-label="Schedules">
    <div class="title">
      <h2>Schedules</h2>
      <${Menu}
        label="Add a schedule"
        kind="quiet"
        face=${html`<${Icon} name="plus" /><span>Add a schedule</span>`}
        items=${[
          { name: "Empty", text: "Empty", act: add },
          { name: "Starting point", text: "Starting point…", act: openStarts },
        ]}
      />
    </div>
    <ul>${rows}</ul>
  </section>`;
}
