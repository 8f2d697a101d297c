/** What a field may be, and the messages of those that are not: the library's own words. */

import { MEMBERS, RULES } from "./generated/families.js";

/** Bad input: `message` names the class, the field, the rule and what came. */
export class RuleError extends Error {
  /** @param {string} message @param {(string|number)[]} path where it stands in the data */
  constructor(message, path = []) {
    super(message);
    this.path = path;
  }
}

/** Every family by its tag: its title, summary, and fields with their rules. */
export const FAMILIES = Object.fromEntries(
  Object.entries(MEMBERS).map(([tag, { fields, ...family }]) => [
    tag,
    {
      ...family,
      tag,
      fields: fields.map(([name, rule, ...given]) => ({
        ...RULES[rule],
        name,
        ...(given.length ? { default: given[0] } : {}),
      })),
    },
  ]),
);

/** Return the call that builds a schedule of a family, for messages. */
export function call({ title, fields }) {
  const named = fields.map((field) =>
    field.default === undefined ? field.name : `${field.name}=${number(field.default, field)}`,
  );
  return `${title}(${named.join(", ")})`;
}

/** Return a float as Python writes it. */
export function float(value) {
  if (value === Infinity) return "inf";
  if (!Number.isFinite(value)) return String(value).toLowerCase();
  const [mantissa, power] = value.toExponential().split("e");
  const exponent = Number(power);
  if (exponent >= -4 && exponent < 16) {
    const text = exponent < 0 ? plain(mantissa, exponent) : String(value);
    return text.includes(".") ? text : `${text}.0`;
  }
  const digits = String(Math.abs(exponent)).padStart(2, "0");
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${digits}`;
}

/** Return a small number without an exponent. */
function plain(mantissa, exponent) {
  const sign = mantissa.startsWith("-") ? "-" : "";
  return `${sign}0.${"0".repeat(-exponent - 1)}${mantissa.replace(/[-.]/g, "")}`;
}

/** Return a number as Python writes one that is held to a rule. */
export function number(value, rule) {
  if (value === Infinity) return "math.inf";
  return rule.whole ? String(BigInt(value)) : float(value);
}

/** Return a value as a message shows it. */
export function shown(value) {
  if (typeof value === "string") return `'${value.slice(0, 60)}'`;
  if (typeof value === "number") return Number.isInteger(value) ? short(value) : float(value);
  if (Array.isArray(value)) return `[${value.slice(0, 20).map(shown).join(", ")}]`;
  if (value === undefined || value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return JSON.stringify(value).slice(0, 60);
}

function short(value) {
  return Math.abs(value) < 1e16 ? String(value) : float(value);
}

/** Return a limit as Python's `:g` writes it. */
function limit(value) {
  if (Math.abs(value) < 1e6) return String(value);
  const [mantissa, power] = value.toExponential(5).split("e+");
  return `${Number(mantissa)}e+${power.padStart(2, "0")}`;
}

/** Return what is wrong with a number: the rule that it breaks, or null. */
function broken(rule, value) {
  const kind = rule.whole ? "a whole number" : "a number";
  if (typeof value !== "number" || Number.isNaN(value)) return kind;
  if (value === Infinity && rule.endless) return null;
  if (!Number.isFinite(value)) return "finite";
  if (rule.whole && !Number.isInteger(value)) return kind;
  if (value < rule.low || (rule.above && value === rule.low)) {
    return rule.above ? `above ${limit(rule.low)}` : `${limit(rule.low)} or more`;
  }
  return value > rule.high ? `at most ${limit(rule.high)}` : null;
}

/** Return what to write instead, as far as the rule knows. */
function hint(rule, value) {
  return rule.hint && typeof value === "number" && value < rule.low ? `; ${rule.hint}` : "";
}

/** Return the message about a value where a number is meant, or null. */
function checkNumber(rule, value, where) {
  const words = broken(rule, value);
  return words && `${where} must be ${words}, got ${shown(value)}${hint(rule, value)}`;
}

/** Return the message about a list of numbers, or null. */
function checkList(rule, values, where) {
  if (!Array.isArray(values)) return `${where} must be ${rule.words}, got ${shown(values)}`;
  for (const [i, value] of values.entries()) {
    const message = checkNumber(rule.member, value, `${where}[${i}]`);
    if (message) return message;
  }
  const falls = rule.increasing && values.some((value, i) => i && value <= values[i - 1]);
  return falls ? `${where} must be ${rule.words}, got ${shown(values)}` : null;
}

/**
 * Return what is wrong with a field's value in the library's own words, or null.
 * @param {string} tag the family
 * @param {string} name the field
 * @param {any} value a number or a list of numbers
 */
export function check(tag, name, value) {
  const family = FAMILIES[tag];
  const field = family.fields.find((each) => each.name === name);
  const where = `${family.title}: \`${name}\``;
  if (field.kind === "number") return checkNumber(field, value, where);
  return field.kind === "list" ? checkList(field, value, where) : null;
}
