/** A schedule as code that needs nothing but the framework that it is for. */

import { build, SIDE_BY_SIDE } from "./engine.js";
import { FUNCTIONS, SOURCES } from "./generated/sources.js";
import { float, number } from "./rules.js";
import { python, spell } from "./spelling.js";

/** The longest text form that is written above the code. */
const LONGEST = 300;

/** What the integers of JAX hold. */
const MAX_INT = 2 ** 31 - 1;

/** What is prepared for formulas and is a whole number. */
const COUNTS = ["steps", "schedule_steps", "nodes"];

const JOINED = { product: " * ", sum: " + ", difference: " - " };

/** What formulas are called where their tag is the name of a function that they call. */
const NAMES = { noise: "noisy" };

/** Puts together a Python module: functions of the formulas, and one of the whole schedule. */
class Code {
  /** @param {string} xp the module of array operations; "" for Python's own numbers */
  constructor(xp) {
    this.xp = xp;
    this.helpers = new Map();
    this.functions = [];
  }

  /** Return the text of the functions; the last is `rate(t)`. */
  write(schedule) {
    const lines = this.body(schedule);
    const text = spell(schedule);
    const about = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    const rate = ["def rate(t):", `    """Return the rate of update t of ${about}."""`, ...lines];
    return [...this.helpers.values(), ...this.functions, rate.join("\n")].join("\n\n\n");
  }

  body(schedule) {
    const { reached } = schedule;
    if (!reached || reached.length === 1) {
      const text = this.expression(reached?.[0] ?? schedule, "t");
      const constant = this.xp && !/\bt\b/.test(text);
      return [`    return ${constant ? `${text} + 0.0 * t` : text}`];
    }
    return this.xp ? this.sides(schedule) : this.branches(schedule);
  }

  branches({ reached, starts }) {
    return reached.flatMap((part, i) => {
      const rate = this.expression(part, i ? `t - ${starts[i]}` : "t");
      const last = i + 1 === reached.length;
      return last ? [`    return ${rate}`] : [`    if t < ${starts[i + 1]}:`, `        return ${rate}`];
    });
  }

  sides({ reached, starts }) {
    const lines = reached.map((part, i) => {
      const local = `${this.xp}.maximum(t - ${this.step(starts[i])}, 0)`;
      const rate = this.expression(part, i ? local : "t");
      const last = i + 1 === reached.length;
      return last
        ? `    rate = ${rate}`
        : `    rate = ${this.xp}.where(t < ${this.step(starts[i + 1])}, ${rate}, rate)`;
    });
    return [...lines.reverse(), "    return rate"];
  }

  /** Return an expression for the rate of a schedule at the step that `t` spells. */
  expression(schedule, t) {
    const { type, fields, parts, known, steps, end } = schedule;
    if (type === "open_ended") return this.expression(parts[0], t);
    if (type === "constant") return float(fields.value);
    if (steps === 0) return float(end);
    if (type === "chain") return `${this.define(schedule)}(${t})`;
    if (type === "scale") return `${this.operand(parts[0], t)} * ${float(fields.factor)}`;
    if (SIDE_BY_SIDE[type]) return this.joined(type, parts, t);
    const values = { ...known, steps, schedule_steps: parts[0]?.steps };
    const given = this.helper(type).map((name) =>
      name === "schedule" ? this.define(parts[0]) : this.literal(values[name], name, schedule),
    );
    return `${NAMES[type] ?? type}(${[t, ...given].join(", ")})`;
  }

  joined(type, parts, t) {
    const texts = parts.map((part) => this.operand(part, t));
    if (JOINED[type]) {
      const text = texts.join(JOINED[type]);
      return type === "difference" ? this.call("maximum", text, "0.0") : text;
    }
    return parts.map((part) => this.expression(part, t)).reduce((x, y) => this.call(type, x, y));
  }

  operand(schedule, t) {
    const text = this.expression(schedule, t);
    const { type, steps } = schedule;
    return steps && (type === "scale" || JOINED[type]) ? `(${text})` : text;
  }

  call(name, ...given) {
    const plain = { maximum: "max", minimum: "min" };
    return `${this.xp ? `${this.xp}.${name}` : plain[name]}(${given.join(", ")})`;
  }

  /** Define a function of the step for a schedule inside another, and return its name. */
  define(schedule) {
    const lines = this.body(schedule);
    const name = `part${this.functions.length + 1}`;
    this.functions.push([`def ${name}(t):`, ...lines].join("\n"));
    return name;
  }

  /** Add the function of a formula, and return the names of its arguments after the step. */
  helper(type) {
    const { fields, scalar, arrays } = SOURCES[type];
    const body = this.xp ? arrays.replaceAll(/\bxp\./g, `${this.xp}.`) : scalar;
    for (const [name, text] of Object.entries(FUNCTIONS)) {
      if (body.includes(`${name}(`)) this.helpers.set(`${name}()`, text);
    }
    this.helpers.set(type, `def ${NAMES[type] ?? type}(${["t", ...fields].join(", ")}):\n${body}`);
    return fields;
  }

  literal(value, name, { family }) {
    const rule = family.fields.find((field) => field.name === name);
    if (Array.isArray(value)) {
      return `[${value.map((each) => number(each, rule?.member ?? {})).join(", ")}]`;
    }
    if (value === Infinity) return this.xp ? 'float("inf")' : "math.inf";
    const whole = rule ? rule.whole : COUNTS.includes(name);
    return whole ? this.step(value) : float(value);
  }

  /** Return a whole number, as a float where arrays' integers may not hold it. */
  step(value) {
    return number(value, { whole: !(this.xp && value > MAX_INT) });
  }
}

/** Return the functions for Python's own numbers, and the imports that they need. */
function scalars(schedule, imports = []) {
  const text = new Code("").write(schedule);
  const own = [
    ...(text.includes("math.") ? ["import math"] : []),
    ...(text.includes("bisect_right(") ? ["from bisect import bisect_right"] : []),
  ];
  const head = [own.join("\n"), imports.join("\n")].filter(Boolean).join("\n\n");
  return head ? `${head}\n\n\n${text}` : text;
}

function arrays(schedule, xp, imports) {
  return `${imports.join("\n")}\n\n\n${new Code(xp).write(schedule)}`;
}

/** Return the comment on a schedule that is longer than float32 counts. */
function stalls({ steps }) {
  if (steps <= 2 ** 24 || steps === Infinity) return "";
  return "# float32 counts steps one by one up to 16,777,216, and then every other\n        ";
}

const LAMBDA = `def scheduler_for(optimizer):
    """Return the scheduler of an optimizer: call its step() after each step() of the optimizer."""
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] = 1.0  # LambdaLR multiplies it by rate(t)
    return LambdaLR(optimizer, rate)`;

/** What a schedule can be copied as: a title, the language, and a function that writes it. */
export const TARGETS = {
  glissando: {
    title: "Glissando",
    language: "python",
    write: (schedule) => `import glissando as gl\n\nrate = ${python(schedule)}`,
  },
  text: { title: "Text", language: "text", write: spell },
  json: {
    title: "JSON",
    language: "json",
    write: (schedule) => JSON.stringify({ glissando: 1, ...schedule.data }, null, 2),
  },
  keras: {
    title: "Keras",
    language: "python",
    write: (schedule) => `${arrays(schedule, "ops", ["import keras", "from keras import ops"])}


class Rate(keras.optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        ${stalls(schedule)}return ops.cast(rate(ops.cast(step, "float32")), "float32")

    def get_config(self):
        return {}


optimizer = keras.optimizers.Adam(Rate())`,
  },
  torch: {
    title: "PyTorch",
    language: "python",
    write: (schedule) =>
      `${scalars(schedule, ["from torch.optim.lr_scheduler import LambdaLR"])}\n\n\n${LAMBDA}\n\n\n` +
      "scheduler = scheduler_for(optimizer)",
  },
  optax: {
    title: "optax",
    language: "python",
    write: (schedule) =>
      `${arrays(schedule, "jnp", ["import jax.numpy as jnp", "import optax"])}\n\n\n` +
      "optimizer = optax.adam(rate)",
  },
  transformers: {
    title: "Transformers",
    language: "python",
    write: (schedule) =>
      `${scalars(schedule, ["from torch.optim.lr_scheduler import LambdaLR"])}\n\n\n${LAMBDA}\n\n\n` +
      "# trainer = Trainer(model, arguments, optimizers=(optimizer, scheduler_for(optimizer)), ...)",
  },
  numpy: {
    title: "NumPy",
    language: "python",
    write: (schedule) => {
      const text = arrays(schedule, "np", ["import numpy as np"]);
      const at = text.lastIndexOf("def rate(t):");
      const first = text.indexOf("\n", text.indexOf("\n", at) + 1);
      return `${text.slice(0, first)}\n    t = np.asarray(t)${text.slice(first)}`;
    },
  },
};

/**
 * Return a schedule as code or text.
 * @param {string} target one of TARGETS
 * @param {object} data the schedule's JSON form
 */
export function copyAs(target, data) {
  return `${TARGETS[target].write(build(data))}\n`;
}
