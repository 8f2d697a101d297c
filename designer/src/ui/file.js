/** A button that opens a file of JSON. */

import { html } from "./html.js";

/** @param {{text: string, take: (content: string) => void}} props */
export function FileButton({ text, take }) {
  const open = async ({ currentTarget }) => take(await currentTarget.files[0].text());
  return html`<label class="quiet file">
    ${text}
    <input type="file" accept=".json,application/json" onChange=${open} />
  </label>`;
}
