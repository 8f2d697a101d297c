/** A schedule in the library's text form and as its Python code. */

import { float, number } from "./rules.js";

/** Of more operands Python's own operators would be nested too deep. */
const MOST_OPERANDS = 100;

/** Return the text form of a built schedule. */
export function spell(schedule) {
  return spelled(schedule, (family) => family.tag).replaceAll("math.inf", "inf");
}

/** Return the Python code that builds it. */
export function python(schedule) {
  return spelled(schedule, (family) => `gl.${family.title}`);
}

function operands(schedule) {
  const { family, fields, parts } = schedule;
  if (!family.symbol) return [];
  return family.tag === "scale" ? [parts[0], fields.factor] : parts;
}

function infix(schedule) {
  const count = typeof schedule === "object" ? operands(schedule).length : 0;
  return count > 1 && count <= MOST_OPERANDS;
}

function spelled(schedule, name) {
  if (typeof schedule === "number") return float(schedule);
  if (infix(schedule)) {
    const texts = operands(schedule).map((each) => {
      const text = spelled(each, name);
      return infix(each) ? `(${text})` : text;
    });
    return texts.join(` ${schedule.family.symbol} `);
  }
  const { family, fields, data } = schedule;
  const given = family.fields
    .filter((field) => field.name in data)
    .map((field) => {
      const code = argument(field, fields[field.name], name);
      return family.positional.includes(field.name) ? code : `${field.name}=${code}`;
    });
  return `${name(family)}(${given.join(", ")})`;
}

function argument(field, value, name) {
  if (field.kind === "number") return number(value, field);
  if (field.kind === "schedule") return spelled(value, name);
  const each = field.kind === "list" ? (one) => number(one, field.member) : (one) => spelled(one, name);
  return `[${value.map(each).join(", ")}]`;
}
