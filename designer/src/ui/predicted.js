/** The loss that a forecast predicts of the selected schedule. */

import { useSignal } from "@preact/signals";

import { predict } from "../laws.js";
import { html } from "./html.js";
import { exact, tidy } from "./units.js";

const [WIDTH, HEIGHT] = [320, 90];

/** Return the prediction, or the words of why there is none. */
function predicted(forecast, schedule) {
  try {
    return { ...predict(forecast, schedule) };
  } catch (error) {
    return { message: error.message };
  }
}

/** Return the line of the losses on the way. */
function line({ steps, losses }) {
  const [low, high] = [Math.min(...losses), Math.max(...losses)];
  const x = (step) => (4 + ((WIDTH - 8) * step) / steps.at(-1)).toFixed(1);
  const y = (loss) => (HEIGHT - 6 - ((HEIGHT - 12) * (loss - low)) / (high - low || 1)).toFixed(1);
  return `M${steps.map((step, i) => `${x(step)} ${y(losses[i])}`).join("L")}`;
}

const lossText = (loss) => exact(tidy(loss, 5));

export function Predicted({ store, forecast }) {
  const loaded = useSignal(forecast ?? null);
  const wrong = useSignal(null);
  const schedule = store.schedule.value;
  const open = async ({ currentTarget }) => {
    try {
      loaded.value = JSON.parse(await currentTarget.files[0].text());
      wrong.value = null;
      store.said.value = "Forecast loaded";
    } catch (error) {
      wrong.value = `forecast: this is no JSON: ${error.message}`;
    }
  };
  const given = loaded.value && schedule ? predicted(loaded.value, schedule) : null;
  const message = wrong.value ?? given?.message;
  return html`<section class="card predicted" aria-label="Predicted loss">
    <div class="title">
      <h2>Predicted loss</h2>
      <label class="quiet file">Open a forecast…<input type="file" accept=".json,application/json" onChange=${open} /></label>
    </div>
    ${!loaded.value &&
    html`<p class="note">
      A forecast says, while you drag, what loss the schedule will give. It is fitted to your own
      logged runs: <code>glissando forecast RUN… -o forecast.json</code>
    </p>`}
    ${message && html`<p class="message" role="alert">${message}</p>`}
    ${given?.curve &&
    html`<p class="loss"><b>${lossText(given.loss)}</b> <span>${lossText(given.low)} to ${lossText(given.high)}, in 8 of 10 runs</span></p>
      <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true"><path d=${line(given.curve)} /></svg>
      ${given.doubts?.length > 0 && html`<ul>${given.doubts.map((doubt) => html`<li>${doubt}</li>`)}</ul>`}`}
  </section>`;
}
