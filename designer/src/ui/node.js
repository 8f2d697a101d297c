/** One schedule of the tree: its family, its fields, and the schedules in it. */

import { FAMILIES } from "../rules.js";
import { RuleFields } from "./field.js";
import { html } from "./html.js";
import { Icon, Sparkline } from "./icons.js";
import { Menu } from "./menu.js";
import { at, changed, moved, put, unwrapped, wrapped } from "./segments.js";
import { built } from "./state.js";

const SHAPES = Object.values(FAMILIES).filter(({ combinator }) => !combinator);
const OFTEN = ["repeat", "scale", "sum", "product", "clip", "reverse", "take", "stretch", "chain"];
const COMBINATORS = [
  ...OFTEN.map((tag) => FAMILIES[tag]),
  ...Object.values(FAMILIES).filter(({ combinator, tag }) => combinator && !OFTEN.includes(tag)),
];

/** The items of a menu of what a schedule may be put into. */
function wrapItems(store, path, title) {
  const { combinator } = FAMILIES[at(store.entry.value.schedule, path).type];
  const wrap = ({ tag, title: name }) =>
    store.reshape(`${title}: put into ${name}`, (data) =>
      put(data, path, wrapped(at(data, path), tag)),
    );
  const unwrap = () =>
    store.reshape(`${title}: taken out`, (data) => put(data, path, unwrapped(at(data, path))));
  return [
    combinator && { name: "Take out", text: "Take out what is inside", act: unwrap },
    "Put into",
    ...COMBINATORS.map((family) => ({
      name: family.title,
      text: html`<span>${family.title}</span><small>${family.summary.split(":")[0]}</small>`,
      act: () => wrap(family),
    })),
  ];
}

/**
 * @param {{store: import("./store.js").Store, path: (string | number)[], title: string,
 *   before?: any, tools?: any, extra?: object[]}} props `extra` are more items of its menu
 */
export function Node({ store, path, title, before, tools, extra = [] }) {
  const data = at(store.entry.value.schedule, path);
  const family = FAMILIES[data.type];
  const turn = ({ currentTarget }) => {
    const { value } = currentTarget;
    store.reshape(`${title}: is ${FAMILIES[value].title}`, (whole) =>
      put(whole, path, changed(at(whole, path), value)),
    );
    currentTarget.value = at(store.entry.peek().schedule, path).type;
  };
  const kind = family.combinator
    ? html`<strong class="kind" title=${family.summary}>${family.title}</strong>`
    : html`<select class="kind" aria-label=${`${title}: shape`} value=${data.type} onChange=${turn}>
        ${SHAPES.map((each) => html`<option value=${each.tag}>${each.title}</option>`)}
      </select>`;
  const items = [...extra, ...wrapItems(store, path, title)];
  return html`<div class="node">
    <div class="head">
      ${before}
      <${Sparkline} schedule=${built(data)} />
      ${kind}
      <span class="tools">
        ${tools}
        <${Menu}
          label=${`${title}: more`}
          face=${html`<${Icon} name="more" />`}
          kind="tool"
          items=${items}
        />
      </span>
    </div>
    <${RuleFields} ...${{ store, path, title }} />
    <${Inside} ...${{ store, path, title, data }} />
  </div>`;
}

function Inside({ store, path, title, data }) {
  if (data.schedule) {
    return html`<div class="inside">
      <${Node} store=${store} path=${[...path, "schedule"]} title=${`${title}, inside`} />
    </div>`;
  }
  if (!data.parts) return null;
  const inParts = [...path, "parts"];
  const set = (what, change) =>
    store.reshape(what, (whole) => put(whole, inParts, change(at(whole, inParts))));
  const add = () =>
    set(`${title}: a part added`, (parts) => [
      ...parts,
      { type: "constant", value: built(data).top },
    ]);
  return html`<div class="inside">
    ${data.parts.map((_, i) => {
      const name = `${title}, part ${i + 1}`;
      const item = (text, act) => ({ name: text, text, act });
      const extra = [
        i > 0 && item("Move up", () => set(`${name} moved up`, (parts) => moved(parts, i, i - 1))),
        item("Duplicate", () =>
          set(`${name} duplicated`, (parts) => parts.toSpliced(i, 0, parts[i])),
        ),
        data.parts.length > 1 &&
          item("Delete", () => set(`${name} deleted`, (parts) => parts.toSpliced(i, 1))),
      ];
      const place = [...inParts, i];
      return html`<${Node} key=${i} store=${store} path=${place} title=${name} extra=${extra} />`;
    })}
    <button type="button" class="quiet" onClick=${add}><${Icon} name="plus" /> Add a part</button>
  </div>`;
}
