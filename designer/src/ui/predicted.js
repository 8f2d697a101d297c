/** The losses that a forecast predicts of the schedules that are shown. */

import { useSignal } from "@preact/signals";

import { predict, readForecast } from "../laws.js";
import { FileButton } from "./file.js";
import { html } from "./html.js";
import { stroke } from "./palette.js";
import { Swatch } from "./schedules.js";
import { built } from "./state.js";
import { exact, tidy } from "./units.js";

const [WIDTH, HEIGHT] = [320, 90];

const known = new WeakMap();

/** Return the prediction of a schedule, made once; or the words of why there is none. */
function predicted(forecast, schedule) {
  if (known.get(schedule)?.forecast !== forecast) {
    let made;
    try {
      made = predict(forecast, schedule);
    } catch (error) {
      made = { message: error.message };
    }
    known.set(schedule, { forecast, made });
  }
  return known.get(schedule).made;
}

/** The losses of the first part of the run, which fall from far above, leave the picture. */
const EARLY = 0.1;

/** Return the function from losses on the way to a line, for all curves alike. */
function liner(curves) {
  const last = Math.max(...curves.map(({ steps }) => steps.at(-1)));
  const losses = curves.flatMap(({ steps, losses: on }) =>
    on.filter((_, i) => steps[i] >= EARLY * steps.at(-1)),
  );
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const x = (step) => (4 + ((WIDTH - 8) * step) / last).toFixed(1);
  const y = (loss) => (HEIGHT - 6 - ((HEIGHT - 12) * (loss - low)) / (high - low || 1)).toFixed(1);
  return ({ steps, losses: on }) =>
    `M${steps.map((step, i) => `${x(step)} ${y(on[i])}`).join("L")}`;
}

const lossText = (loss) => exact(tidy(loss, 5));

/** @param {{forecast: {value: object | null}}} props `forecast` is a signal: what was loaded */
export function Predicted({ store, forecast }) {
  const wrong = useSignal(null);
  const open = (text) => {
    try {
      forecast.value = readForecast(text);
      wrong.value = null;
      store.said.value = "Forecast loaded";
    } catch (error) {
      wrong.value = error.message;
    }
  };
  const message = wrong.value;
  return html`<section class="card predicted" aria-label="Predicted loss">
    <div class="title">
      <h2>Predicted loss</h2>
      <${FileButton} text="Open a forecast…" take=${open} />
    </div>
    ${message && html`<p class="message" role="alert">${message}</p>`}
    ${
      forecast.value
        ? html`<${Losses} ...${{ store, forecast: forecast.value }} />`
        : html`<p class="note">
          A forecast says, while you drag, what loss the schedule will give. It is fitted to your
          own logged runs:${" "}<code>glissando forecast RUN… -o forecast.json</code>
        </p>`
    }
  </section>`;
}

function Losses({ store, forecast }) {
  const { schedules, view } = store.state.value;
  const rows = schedules
    .map(({ name, hidden, schedule }, i) => ({
      i,
      name,
      schedule: hidden ? null : built(schedule),
    }))
    .filter(({ schedule }) => schedule)
    .map((row) => ({
      ...row,
      ...(row.schedule.steps < Infinity
        ? predicted(forecast, row.schedule)
        : { message: "never ends; write its whole length to end it" }),
    }));
  const curves = rows.filter(({ curve }) => curve);
  const line = curves.length ? liner(curves.map(({ curve }) => curve)) : null;
  const doubts = rows.find(({ i }) => i === view.selected)?.doubts ?? [];
  return html`<table>
      <thead>
        <tr>
          <th scope="col">schedule</th>
          <th scope="col">loss at its end</th>
          <th scope="col">8 of 10 runs</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({
            i,
            name,
            loss,
            low,
            high,
            message,
          }) => html`<tr key=${i} data-on=${i === view.selected}>
            <th scope="row"><${Swatch} i=${i} /> ${name}</th>
            ${
              message
                ? html`<td colspan="2">${message.replace("forecast: ", "")}</td>`
                : html`<td>${lossText(loss)}</td><td>${lossText(low)} to ${lossText(high)}</td>`
            }
          </tr>`,
        )}
      </tbody>
    </table>
    ${
      line &&
      html`<svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      ${curves.map(({ i, curve }) => html`<path d=${line(curve)} stroke=${stroke(i).color} />`)}
    </svg>`
    }
    ${doubts.length > 0 && html`<ul>${doubts.map((doubt) => html`<li>${doubt}</li>`)}</ul>`}`;
}
