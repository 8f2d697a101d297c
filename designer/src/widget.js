/** The designer in notebooks, as anywidget shows it: around one schedule that Python has, too. */

/**
 * Return what anywidget calls for each view of the widget.
 *
 * The model holds the schedule that is selected, as JSON. What Python sets is shown, what is built
 * is sent to it, and what both have is not sent again.
 * @param {(el: Element, options: object) => {set(state: object): void, state: object,
 *   destroy(): void}} mount
 */
export function widget(mount) {
  return {
    render({ model, el }) {
      // in JupyterLab keys such as D would be commands to the notebook
      el.dataset.lmSuppressShortcuts = "true";
      el.addEventListener("keydown", (event) => event.stopPropagation());

      let known = model.get("schedule");
      const designer = mount(el, {
        state: JSON.parse(known),
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

      function changed() {
        const text = model.get("schedule");
        if (text === known) return;
        designer.set(withSelected(designer.state, JSON.parse(text)));
        known = textOf(designer.state);
      }
      model.on("change:schedule", changed);
      return () => {
        model.off("change:schedule", changed);
        designer.destroy();
      };
    },
  };
}

/** Return the JSON of the schedule that is selected. */
function textOf(state) {
  return JSON.stringify(state.schedules[state.view.selected].schedule);
}

function withSelected(state, schedule) {
  const { selected } = state.view;
  const schedules = state.schedules.map((one, i) => (i === selected ? { ...one, schedule } : one));
  return { ...state, schedules };
}
