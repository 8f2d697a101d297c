// Written by designer/generate.py.
import { below, fractal } from "../tables.js";

const noise = (t, seed) => {
    let x1;
    let x2;
    let x3;
    let x4;
    let x5;
    let x6;
    x6 = Math.floor(t / 1);
    x5 = x6 % 4091;
    let x7;
    x7 = x6 % 4079;
    let x8;
    x8 = seed % 4093 + 1;
    x4 = (x5 * x7 + x6 % 4093 + x8) % 4093;
    let x9;
    let x10;
    x10 = Math.floor(seed / 4093) % 4093 + 1;
    x9 = (x7 * x4 + x5 + x10) % 4093;
    let x11;
    x11 = Math.floor(Math.floor(seed / 4093) / 4093) % 4093 + 1;
    x3 = (x4 * x9 + x7 + x11) % 4093;
    let x12;
    x12 = (x9 * x3 + x4 + x8) % 4093;
    x2 = (x3 * x12 + x9 + x10) % 4093;
    let x13;
    x13 = (x12 * x2 + x3 + x11) % 4093;
    x1 = x2 * x13 + x12 + x8;
    let x14;
    x14 = x1 % 4093;
    return (x14 * 4093 + (x13 * x14 + x2 + x10) % 4093) / 16752648;
};

export const FORMULAS = {
  chebyshev: ({ floor, peak, steps, end, nodes }) => (t) => {
    if (t < steps) {
        let x1;
        x1 = floor / peak;
        let x2;
        x2 = Math.sin((fractal(t, nodes) + 0.5) * (1.5707963267948966 / nodes));
        return floor / (x1 + (1.0 - x1) * (x2 * x2));
    }
    return end;
  },
  constant: ({ value, steps, end }) => (t) => {
    if (t < steps) {
        return value;
    }
    return end;
  },
  cosine: ({ start, end, steps }) => (t) => {
    if (t < steps) {
        return end + (start - end) / 2 * (1 + Math.cos(3.141592653589793 * t / steps));
    }
    return end;
  },
  cosine_power: ({ start, end, steps, power }) => (t) => {
    if (t < steps) {
        let x1;
        x1 = Math.sin(1.5707963267948966 * ((steps - t) / steps));
        return end + (start - end) * (x1 * x1) ** power;
    }
    return end;
  },
  table: ({ rates, knots, end, steps }) => (t) => {
    if (t < steps) {
        let x1;
        let x2;
        x2 = below(knots, t, 1, knots.length - 1) - 1;
        x1 = rates[x2];
        let x3;
        x3 = knots[x2];
        return x1 + (rates[x2 + 1] - x1) * Math.min(Math.max((t - x3) / (knots[x2 + 1] - x3), 0.0), 1.0);
    }
    return end;
  },
  cosine_table: ({ rates, knots, end, steps }) => (t) => {
    if (t < steps) {
        let x1;
        let x2;
        x2 = below(knots, t, 1, knots.length - 1) - 1;
        x1 = rates[x2];
        let x3;
        x3 = knots[x2];
        return x1 + (rates[x2 + 1] - x1) * ((1.0 - Math.cos(3.141592653589793 * Math.min(Math.max((t - x3) / (knots[x2 + 1] - x3), 0.0), 1.0))) / 2);
    }
    return end;
  },
  cosine_wave: ({ start, end, period }) => (t) => {
    return end + (start - end) * (1 + Math.cos(6.283185307179586 * (t % period / period))) / 2;
  },
  cubic_table: ({ rates, knots, end, steps, after, before }) => (t) => {
    if (t < steps) {
        let x1;
        let x2;
        let x3;
        let x4;
        x4 = below(knots, t, 1, knots.length - 1) - 1;
        x3 = knots[x4];
        x2 = Math.min(Math.max((t - x3) / (knots[x4 + 1] - x3), 0.0), 1.0);
        x1 = 1.0 - x2;
        return x1 * x1 * (x1 * rates[x4] + 3.0 * x2 * after[x4]) + x2 * x2 * (3.0 * x1 * before[x4] + x2 * rates[x4 + 1]);
    }
    return end;
  },
  cyclic_polynomial: ({ start, end, period, power }) => (t) => {
    let x1;
    x1 = Math.max(0 - Math.floor((0 - t) / period), 1);
    return end + (start - end) * (((x1 - 1) * period - t + period) / period / x1) ** power;
  },
  exponential: ({ start, rate }) => (t) => {
    return start * Math.exp(-rate * t);
  },
  exponential_cooldown: ({ start, end, steps, ratio }) => (t) => {
    if (t < steps) {
        let x1;
        x1 = -0.5 * Math.log(ratio);
        return end + (start - end) * Math.min(Math.tanh(x1 * ((steps - t) / steps)) / Math.tanh(x1) * ((ratio ** (t / steps) + ratio) / (1.0 + ratio)), 1.0);
    }
    return end;
  },
  geometric: ({ start, ratio, every }) => (t) => {
    return start * ratio ** (t / every);
  },
  log_linear: ({ start, end, steps }) => (t) => {
    if (t < steps) {
        return start * (end / start) ** (t / steps);
    }
    return end;
  },
  hyperbolic: ({ start, end, steps, upper }) => (t) => {
    if (t < steps) {
        let x1;
        x1 = steps - t;
        let x2;
        x2 = 2.0 * (upper - steps);
        return end + (start - end) * Math.sqrt(x1 / steps * ((x1 + x2) / (steps + x2)));
    }
    return end;
  },
  exp_hyperbolic: ({ start, end, steps, upper }) => (t) => {
    if (t < steps) {
        let x1;
        x1 = 2.0 * (upper - steps);
        let x2;
        x2 = steps - t;
        let x3;
        x3 = 2.0 * (upper - steps);
        return start * (end / start) ** (t / steps * ((2 * steps + x1 - t) / (steps + x1)) / (1.0 + Math.sqrt(x2 / steps * ((x2 + x3) / (steps + x3)))));
    }
    return end;
  },
  inverse_sqrt: ({ start, timescale }) => (t) => {
    return start / Math.sqrt(1.0 + t / timescale);
  },
  inverse_time: ({ start, rate }) => (t) => {
    return start / (1.0 + rate * t);
  },
  k_decay: ({ start, end, steps, power }) => (t) => {
    if (t < steps) {
        return end + 0.5 * (start - end) * (1.0 + Math.cos(3.141592653589793 * ((steps - (steps - t)) / steps) ** power));
    }
    return end;
  },
  linear: ({ start, end, steps }) => (t) => {
    if (t < steps) {
        return (end - start) / steps * t + start;
    }
    return end;
  },
  mirror_cosine: ({ start, end, steps }) => (t) => {
    if (t < steps) {
        let x1;
        x1 = (steps - t) / steps;
        return end + (start - end) * (2 * x1 - 0.5 * (1.0 - Math.cos(3.141592653589793 * x1)));
    }
    return end;
  },
  piecewise: ({ values, boundaries, steps, end }) => (t) => {
    if (t < steps) {
        return values[below(boundaries, t, 0, boundaries.length)];
    }
    return end;
  },
  polynomial: ({ start, end, steps, power }) => (t) => {
    if (t < steps) {
        return end + (start - end) * ((steps - t) / steps) ** power;
    }
    return end;
  },
  power_law: ({ start, power, timescale }) => (t) => {
    return start * ((timescale - -t) / timescale) ** (-power);
  },
  rex: ({ start, end, steps }) => (t) => {
    if (t < steps) {
        let x1;
        x1 = (steps - t) / steps;
        return end + (start - end) * (x1 / (0.5 + 0.5 * x1));
    }
    return end;
  },
  sqrt: ({ start, end, steps }) => (t) => {
    if (t < steps) {
        return start + (end - start) * Math.sqrt(t / steps);
    }
    return end;
  },
  staircase: ({ start, ratio, every }) => (t) => {
    return start * ratio ** Math.floor(t / every);
  },
  tanh: ({ start, end, steps, low, high }) => (t) => {
    if (t < steps) {
        let x1;
        let x2;
        x2 = high - low;
        let x3;
        x3 = low + x2 * (t / steps);
        let x4;
        x4 = Math.tanh(x2) * (1.0 - Math.tanh(low) * Math.tanh(high));
        x1 = Math.tanh(x2 * (t / steps)) * (1.0 - Math.tanh(low) * Math.tanh(x3)) / x4;
        let x5;
        x5 = Math.tanh(x2 * ((steps - t) / steps)) * (1.0 - Math.tanh(x3) * Math.tanh(high)) / x4;
        if (x1 < x5) {
            return start + (end - start) * x1;
        }
        return end + (start - end) * x5;
    }
    return end;
  },
  clip: ({ schedule, floor, ceiling }) => (t) => {
    return Math.min(Math.max(schedule.rate(t), floor), ceiling);
  },
  drop: ({ schedule, count, steps }) => (t) => {
    return schedule.rate(Math.min(t, steps) + count);
  },
  flip: ({ schedule, ceiling }) => (t) => {
    return Math.max(ceiling - schedule.rate(t), 0.0);
  },
  noise: ({ schedule, scale, seed, steps }) => (t) => {
    let x1;
    x1 = Math.min(t, steps);
    return schedule.rate(x1) * (1.0 - scale + 2.0 * scale * noise(x1, seed));
  },
  repeat: ({ schedule, scale, end, steps }) => (t) => {
    if (t < steps) {
        return schedule.rate(t % schedule.steps) * scale ** Math.floor(t / schedule.steps);
    }
    return end;
  },
  reverse: ({ schedule, steps }) => (t) => {
    return schedule.rate(steps - Math.min(t, steps));
  },
  scale: ({ schedule, factor }) => (t) => {
    return schedule.rate(t) * factor;
  },
  stretch: ({ schedule, steps }) => (t) => {
    let x1;
    x1 = Math.min(t, steps);
    return schedule.rate(Math.floor(x1 / steps) * schedule.steps + x1 % steps / steps * schedule.steps);
  },
  slow: ({ schedule, factor }) => (t) => {
    return schedule.rate(t / factor);
  },
  hold_each: ({ schedule, every }) => (t) => {
    return schedule.rate(Math.floor(t / every));
  },
  strict: ({ schedule }) => (t) => {
    return schedule.rate(t);
  },
  take: ({ schedule, steps }) => (t) => {
    return schedule.rate(Math.min(t, steps));
  },
};
