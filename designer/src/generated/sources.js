// Written by designer/generate.py.
export const SOURCES = {
 "chebyshev": {
  "fields": [
   "floor",
   "peak",
   "steps",
   "end",
   "nodes"
  ],
  "scalar": "    if t < steps:\n        x1 = floor / peak\n        x2 = math.sin((fractal(t, nodes) + 0.5) * (1.5707963267948966 / nodes))\n        return floor / (x1 + (1.0 - x1) * (x2 * x2))\n    return end",
  "arrays": "    x1 = floor / peak\n    x2 = xp.sin((fractal(xp.minimum(t, steps), nodes) + 0.5) * (1.5707963267948966 / nodes))\n    return xp.where(t < steps, floor / (x1 + (1.0 - x1) * (x2 * x2)), end)"
 },
 "constant": {
  "fields": [
   "value",
   "steps",
   "end"
  ],
  "scalar": "    if t < steps:\n        return value\n    return end",
  "arrays": "    return xp.where(t < steps, value, end)"
 },
 "cosine": {
  "fields": [
   "start",
   "end",
   "steps"
  ],
  "scalar": "    if t < steps:\n        return end + (start - end) / 2 * (1 + math.cos(3.141592653589793 * t / steps))\n    return end",
  "arrays": "    return end + (start - end) / 2 * (1 + xp.cos(3.141592653589793 * xp.minimum(t, steps) / steps))"
 },
 "cosine_power": {
  "fields": [
   "start",
   "end",
   "steps",
   "power"
  ],
  "scalar": "    if t < steps:\n        x1 = math.sin(1.5707963267948966 * ((steps - t) / steps))\n        return end + (start - end) * (x1 * x1) ** power\n    return end",
  "arrays": "    x1 = xp.sin(1.5707963267948966 * ((steps - xp.minimum(t, steps)) / steps))\n    return xp.where(t < steps, end + (start - end) * xp.power(x1 * x1, power), end)"
 },
 "table": {
  "fields": [
   "rates",
   "knots",
   "end",
   "steps"
  ],
  "scalar": "    if t < steps:\n        x2 = bisect_right(knots, t, 1, len(knots) - 1) - 1\n        x1 = rates[x2]\n        x3 = knots[x2]\n        return x1 + (rates[x2 + 1] - x1) * min(max((t - x3) / (knots[x2 + 1] - x3), 0.0), 1.0)\n    return end",
  "arrays": "    x3 = xp.minimum(t, steps)\n    x2 = xp.sum(xp.greater_equal(xp.expand_dims(x3, -1), xp.array(knots[1:-1])), -1)\n    x1 = xp.take(xp.array(rates), x2)\n    x4 = xp.take(xp.array(knots), x2)\n    return xp.where(t < steps, x1 + (xp.take(xp.array(rates), x2 + 1) - x1) * xp.minimum(xp.maximum((x3 - x4) / (xp.take(xp.array(knots), x2 + 1) - x4), 0.0), 1.0), end)"
 },
 "cosine_table": {
  "fields": [
   "rates",
   "knots",
   "end",
   "steps"
  ],
  "scalar": "    if t < steps:\n        x2 = bisect_right(knots, t, 1, len(knots) - 1) - 1\n        x1 = rates[x2]\n        x3 = knots[x2]\n        return x1 + (rates[x2 + 1] - x1) * ((1.0 - math.cos(3.141592653589793 * min(max((t - x3) / (knots[x2 + 1] - x3), 0.0), 1.0))) / 2)\n    return end",
  "arrays": "    x3 = xp.minimum(t, steps)\n    x2 = xp.sum(xp.greater_equal(xp.expand_dims(x3, -1), xp.array(knots[1:-1])), -1)\n    x1 = xp.take(xp.array(rates), x2)\n    x4 = xp.take(xp.array(knots), x2)\n    return xp.where(t < steps, x1 + (xp.take(xp.array(rates), x2 + 1) - x1) * ((1.0 - xp.cos(3.141592653589793 * xp.minimum(xp.maximum((x3 - x4) / (xp.take(xp.array(knots), x2 + 1) - x4), 0.0), 1.0))) / 2), end)"
 },
 "cosine_wave": {
  "fields": [
   "start",
   "end",
   "period"
  ],
  "scalar": "    return end + (start - end) * (1 + math.cos(6.283185307179586 * (t % period / period))) / 2",
  "arrays": "    return end + (start - end) * (1 + xp.cos(6.283185307179586 * (t % period / period))) / 2"
 },
 "cubic_table": {
  "fields": [
   "rates",
   "knots",
   "end",
   "steps",
   "after",
   "before"
  ],
  "scalar": "    if t < steps:\n        x4 = bisect_right(knots, t, 1, len(knots) - 1) - 1\n        x3 = knots[x4]\n        x2 = min(max((t - x3) / (knots[x4 + 1] - x3), 0.0), 1.0)\n        x1 = 1.0 - x2\n        return x1 * x1 * (x1 * rates[x4] + 3.0 * x2 * after[x4]) + x2 * x2 * (3.0 * x1 * before[x4] + x2 * rates[x4 + 1])\n    return end",
  "arrays": "    x3 = xp.minimum(t, steps)\n    x5 = xp.sum(xp.greater_equal(xp.expand_dims(x3, -1), xp.array(knots[1:-1])), -1)\n    x4 = xp.take(xp.array(knots), x5)\n    x2 = xp.minimum(xp.maximum((x3 - x4) / (xp.take(xp.array(knots), x5 + 1) - x4), 0.0), 1.0)\n    x1 = 1.0 - x2\n    return xp.where(t < steps, x1 * x1 * (x1 * xp.take(xp.array(rates), x5) + 3.0 * x2 * xp.take(xp.array(after), x5)) + x2 * x2 * (3.0 * x1 * xp.take(xp.array(before), x5) + x2 * xp.take(xp.array(rates), x5 + 1)), end)"
 },
 "cyclic_polynomial": {
  "fields": [
   "start",
   "end",
   "period",
   "power"
  ],
  "scalar": "    x1 = max(0 - (0 - t) // period, 1)\n    return end + (start - end) * (((x1 - 1) * period - t + period) / period / x1) ** power",
  "arrays": "    x1 = xp.maximum(0 - (0 - t) // period, 1)\n    return end + (start - end) * xp.power(((x1 - 1) * period - t + period) / period / x1, power)"
 },
 "exponential": {
  "fields": [
   "start",
   "rate"
  ],
  "scalar": "    return start * math.exp(-rate * t)",
  "arrays": "    return start * xp.exp(-rate * t)"
 },
 "exponential_cooldown": {
  "fields": [
   "start",
   "end",
   "steps",
   "ratio"
  ],
  "scalar": "    if t < steps:\n        x1 = -0.5 * math.log(ratio)\n        return end + (start - end) * min(math.tanh(x1 * ((steps - t) / steps)) / math.tanh(x1) * ((ratio ** (t / steps) + ratio) / (1.0 + ratio)), 1.0)\n    return end",
  "arrays": "    x1 = -0.5 * xp.log(ratio)\n    x2 = xp.minimum(t, steps)\n    return xp.where(t < steps, end + (start - end) * xp.minimum(xp.tanh(x1 * ((steps - x2) / steps)) / xp.tanh(x1) * ((xp.power(ratio, x2 / steps) + ratio) / (1.0 + ratio)), 1.0), end)"
 },
 "geometric": {
  "fields": [
   "start",
   "ratio",
   "every"
  ],
  "scalar": "    return start * ratio ** (t / every)",
  "arrays": "    return start * xp.power(ratio, t / every)"
 },
 "log_linear": {
  "fields": [
   "start",
   "end",
   "steps"
  ],
  "scalar": "    if t < steps:\n        return start * (end / start) ** (t / steps)\n    return end",
  "arrays": "    return xp.where(t < steps, start * xp.power(end / start, xp.minimum(t, steps) / steps), end)"
 },
 "hyperbolic": {
  "fields": [
   "start",
   "end",
   "steps",
   "upper"
  ],
  "scalar": "    if t < steps:\n        x1 = steps - t\n        x2 = 2.0 * (upper - steps)\n        return end + (start - end) * math.sqrt(x1 / steps * ((x1 + x2) / (steps + x2)))\n    return end",
  "arrays": "    x1 = steps - xp.minimum(t, steps)\n    x2 = 2.0 * (upper - steps)\n    return xp.where(t < steps, end + (start - end) * xp.sqrt(x1 / steps * ((x1 + x2) / (steps + x2))), end)"
 },
 "exp_hyperbolic": {
  "fields": [
   "start",
   "end",
   "steps",
   "upper"
  ],
  "scalar": "    if t < steps:\n        x1 = 2.0 * (upper - steps)\n        x2 = steps - t\n        x3 = 2.0 * (upper - steps)\n        return start * (end / start) ** (t / steps * ((2 * steps + x1 - t) / (steps + x1)) / (1.0 + math.sqrt(x2 / steps * ((x2 + x3) / (steps + x3)))))\n    return end",
  "arrays": "    x1 = xp.minimum(t, steps)\n    x2 = 2.0 * (upper - steps)\n    x3 = steps - x1\n    x4 = 2.0 * (upper - steps)\n    return xp.where(t < steps, start * xp.power(end / start, x1 / steps * ((2 * steps + x2 - x1) / (steps + x2)) / (1.0 + xp.sqrt(x3 / steps * ((x3 + x4) / (steps + x4))))), end)"
 },
 "inverse_sqrt": {
  "fields": [
   "start",
   "timescale"
  ],
  "scalar": "    return start / math.sqrt(1.0 + t / timescale)",
  "arrays": "    return start / xp.sqrt(1.0 + t / timescale)"
 },
 "inverse_time": {
  "fields": [
   "start",
   "rate"
  ],
  "scalar": "    return start / (1.0 + rate * t)",
  "arrays": "    return start / (1.0 + rate * t)"
 },
 "k_decay": {
  "fields": [
   "start",
   "end",
   "steps",
   "power"
  ],
  "scalar": "    if t < steps:\n        return end + 0.5 * (start - end) * (1.0 + math.cos(3.141592653589793 * ((steps - (steps - t)) / steps) ** power))\n    return end",
  "arrays": "    return xp.where(t < steps, end + 0.5 * (start - end) * (1.0 + xp.cos(3.141592653589793 * xp.power((steps - (steps - xp.minimum(t, steps))) / steps, power))), end)"
 },
 "linear": {
  "fields": [
   "start",
   "end",
   "steps"
  ],
  "scalar": "    if t < steps:\n        return (end - start) / steps * t + start\n    return end",
  "arrays": "    return xp.where(t < steps, (end - start) / steps * xp.minimum(t, steps) + start, end)"
 },
 "mirror_cosine": {
  "fields": [
   "start",
   "end",
   "steps"
  ],
  "scalar": "    if t < steps:\n        x1 = (steps - t) / steps\n        return end + (start - end) * (2 * x1 - 0.5 * (1.0 - math.cos(3.141592653589793 * x1)))\n    return end",
  "arrays": "    x1 = (steps - xp.minimum(t, steps)) / steps\n    return xp.where(t < steps, end + (start - end) * (2 * x1 - 0.5 * (1.0 - xp.cos(3.141592653589793 * x1))), end)"
 },
 "piecewise": {
  "fields": [
   "values",
   "boundaries",
   "steps",
   "end"
  ],
  "scalar": "    if t < steps:\n        return values[bisect_right(boundaries, t)]\n    return end",
  "arrays": "    return xp.where(t < steps, xp.take(xp.array(values), xp.sum(xp.greater_equal(xp.expand_dims(xp.minimum(t, steps), -1), xp.array(boundaries)), -1)), end)"
 },
 "polynomial": {
  "fields": [
   "start",
   "end",
   "steps",
   "power"
  ],
  "scalar": "    if t < steps:\n        return end + (start - end) * ((steps - t) / steps) ** power\n    return end",
  "arrays": "    return end + (start - end) * xp.power((steps - xp.minimum(t, steps)) / steps, power)"
 },
 "power_law": {
  "fields": [
   "start",
   "power",
   "timescale"
  ],
  "scalar": "    return start * ((timescale - -t) / timescale) ** (-power)",
  "arrays": "    return start * xp.power((timescale - -t) / timescale, -power)"
 },
 "rex": {
  "fields": [
   "start",
   "end",
   "steps"
  ],
  "scalar": "    if t < steps:\n        x1 = (steps - t) / steps\n        return end + (start - end) * (x1 / (0.5 + 0.5 * x1))\n    return end",
  "arrays": "    x1 = (steps - xp.minimum(t, steps)) / steps\n    return xp.where(t < steps, end + (start - end) * (x1 / (0.5 + 0.5 * x1)), end)"
 },
 "sqrt": {
  "fields": [
   "start",
   "end",
   "steps"
  ],
  "scalar": "    if t < steps:\n        return start + (end - start) * math.sqrt(t / steps)\n    return end",
  "arrays": "    return xp.where(t < steps, start + (end - start) * xp.sqrt(xp.minimum(t, steps) / steps), end)"
 },
 "staircase": {
  "fields": [
   "start",
   "ratio",
   "every"
  ],
  "scalar": "    return start * ratio ** (t // every)",
  "arrays": "    return start * xp.power(ratio, t // every)"
 },
 "tanh": {
  "fields": [
   "start",
   "end",
   "steps",
   "low",
   "high"
  ],
  "scalar": "    if t < steps:\n        x2 = high - low\n        x3 = low + x2 * (t / steps)\n        x4 = math.tanh(x2) * (1.0 - math.tanh(low) * math.tanh(high))\n        x1 = math.tanh(x2 * (t / steps)) * (1.0 - math.tanh(low) * math.tanh(x3)) / x4\n        x5 = math.tanh(x2 * ((steps - t) / steps)) * (1.0 - math.tanh(x3) * math.tanh(high)) / x4\n        if x1 < x5:\n            return start + (end - start) * x1\n        return end + (start - end) * x5\n    return end",
  "arrays": "    x2 = high - low\n    x3 = xp.minimum(t, steps)\n    x4 = low + x2 * (x3 / steps)\n    x5 = xp.tanh(x2) * (1.0 - xp.tanh(low) * xp.tanh(high))\n    x1 = xp.tanh(x2 * (x3 / steps)) * (1.0 - xp.tanh(low) * xp.tanh(x4)) / x5\n    x6 = xp.tanh(x2 * ((steps - x3) / steps)) * (1.0 - xp.tanh(x4) * xp.tanh(high)) / x5\n    return xp.where(t < steps, xp.where(x1 < x6, start + (end - start) * x1, end + (start - end) * x6), end)"
 },
 "clip": {
  "fields": [
   "schedule",
   "floor",
   "ceiling"
  ],
  "scalar": "    return min(max(schedule(t), floor), ceiling)",
  "arrays": "    return xp.minimum(xp.maximum(schedule(t), floor), ceiling)"
 },
 "drop": {
  "fields": [
   "schedule",
   "count",
   "steps"
  ],
  "scalar": "    return schedule(min(t, steps) + count)",
  "arrays": "    return schedule(xp.minimum(t, steps) + count)"
 },
 "flip": {
  "fields": [
   "schedule",
   "ceiling"
  ],
  "scalar": "    return max(ceiling - schedule(t), 0.0)",
  "arrays": "    return xp.maximum(ceiling - schedule(t), 0.0)"
 },
 "noise": {
  "fields": [
   "schedule",
   "scale",
   "seed",
   "steps"
  ],
  "scalar": "    x1 = min(t, steps)\n    return schedule(x1) * (1.0 - scale + 2.0 * scale * noise(x1, seed))",
  "arrays": "    x1 = xp.minimum(t, steps)\n    return schedule(x1) * (1.0 - scale + 2.0 * scale * noise(x1, seed))"
 },
 "repeat": {
  "fields": [
   "schedule",
   "scale",
   "end",
   "steps",
   "schedule_steps"
  ],
  "scalar": "    if t < steps:\n        return schedule(t % schedule_steps) * scale ** (t // schedule_steps)\n    return end",
  "arrays": "    x1 = xp.minimum(t, steps)\n    return xp.where(t < steps, schedule(x1 % schedule_steps) * xp.power(scale, x1 // schedule_steps), end)"
 },
 "reverse": {
  "fields": [
   "schedule",
   "steps"
  ],
  "scalar": "    return schedule(steps - min(t, steps))",
  "arrays": "    return schedule(steps - xp.minimum(t, steps))"
 },
 "scale": {
  "fields": [
   "schedule",
   "factor"
  ],
  "scalar": "    return schedule(t) * factor",
  "arrays": "    return schedule(t) * factor"
 },
 "stretch": {
  "fields": [
   "schedule",
   "steps",
   "schedule_steps"
  ],
  "scalar": "    x1 = min(t, steps)\n    return schedule(x1 // steps * schedule_steps + x1 % steps / steps * schedule_steps)",
  "arrays": "    x1 = xp.minimum(t, steps)\n    return schedule(x1 // steps * schedule_steps + x1 % steps / steps * schedule_steps)"
 },
 "slow": {
  "fields": [
   "schedule",
   "factor"
  ],
  "scalar": "    return schedule(t / factor)",
  "arrays": "    return schedule(t / factor)"
 },
 "hold_each": {
  "fields": [
   "schedule",
   "every"
  ],
  "scalar": "    return schedule(t // every)",
  "arrays": "    return schedule(t // every)"
 },
 "strict": {
  "fields": [
   "schedule",
   "steps"
  ],
  "scalar": "    if t > steps:\n        raise ValueError(f\"step must be at most {steps}\")\n    return schedule(t)",
  "arrays": "    return schedule(t)"
 },
 "take": {
  "fields": [
   "schedule",
   "steps"
  ],
  "scalar": "    return schedule(min(t, steps))",
  "arrays": "    return schedule(xp.minimum(t, steps))"
 }
};

export const FUNCTIONS = {
 "noise": "def noise(t, seed):\n    x6 = t // 1\n    x5 = x6 % 4091\n    x7 = x6 % 4079\n    x8 = seed % 4093 + 1\n    x4 = (x5 * x7 + x6 % 4093 + x8) % 4093\n    x10 = seed // 4093 % 4093 + 1\n    x9 = (x7 * x4 + x5 + x10) % 4093\n    x11 = seed // 4093 // 4093 % 4093 + 1\n    x3 = (x4 * x9 + x7 + x11) % 4093\n    x12 = (x9 * x3 + x4 + x8) % 4093\n    x2 = (x3 * x12 + x9 + x10) % 4093\n    x13 = (x12 * x2 + x3 + x11) % 4093\n    x1 = x2 * x13 + x12 + x8\n    x14 = x1 % 4093\n    return (x14 * 4093 + (x13 * x14 + x2 + x10) % 4093) / 16752648",
 "fractal": "def fractal(t, nodes):\n    t = t // 1\n    node, size = t % 1, 1\n    while size < nodes:\n        size *= 2\n        mirrored = t // (nodes // size) % 2\n        node = node + mirrored * (size - 1 - 2 * node)\n    return node"
};
