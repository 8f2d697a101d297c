// Written by designer/generate.py.
export const RULES = [
 {
  "kind": "number",
  "words": "a number, 0 or more",
  "low": 0,
  "high": 1e+30
 },
 {
  "kind": "number",
  "words": "a whole number, 0 or more",
  "low": 0,
  "high": 9007199254740992,
  "whole": true,
  "steps": true,
  "hint": "is the warm-up longer than the run?"
 },
 {
  "kind": "number",
  "words": "a whole number, 0 or more, or math.inf",
  "low": 0,
  "high": 9007199254740992,
  "whole": true,
  "endless": true,
  "steps": true,
  "hint": "is the warm-up longer than the run?"
 },
 {
  "kind": "number",
  "words": "a number, above 0",
  "low": 0,
  "high": 1000,
  "above": true
 },
 {
  "kind": "list",
  "words": "a list of rates",
  "increasing": false,
  "member": {
   "kind": "number",
   "words": "a number, 0 or more",
   "low": 0,
   "high": 1e+30
  }
 },
 {
  "kind": "list",
  "words": "a list of steps, each above the one before",
  "increasing": true,
  "member": {
   "kind": "number",
   "words": "a number, 0 or more",
   "low": 0,
   "high": 9007199254740992,
   "steps": true
  }
 },
 {
  "kind": "number",
  "words": "a number, 1e-20 or more",
  "low": 1e-20,
  "high": 9007199254740992,
  "steps": true
 },
 {
  "kind": "number",
  "words": "a whole number, 1 or more",
  "low": 1,
  "high": 9007199254740992,
  "whole": true,
  "steps": true
 },
 {
  "kind": "number",
  "words": "a number, above 0 and at most 1",
  "low": 0,
  "high": 1,
  "above": true
 },
 {
  "kind": "list",
  "words": "a list of whole steps, each above the one before",
  "increasing": true,
  "member": {
   "kind": "number",
   "words": "a whole number, 1 or more",
   "low": 1,
   "high": 9007199254740992,
   "whole": true,
   "steps": true
  }
 },
 {
  "kind": "number",
  "words": "a number, -8 or more and at most 0",
  "low": -8,
  "high": 0
 },
 {
  "kind": "number",
  "words": "a number, 0 or more",
  "low": 0,
  "high": 8
 },
 {
  "kind": "schedules",
  "words": "a list of schedules"
 },
 {
  "kind": "schedule",
  "words": "a schedule",
  "finite": false
 },
 {
  "kind": "number",
  "words": "a number, 0 or more, or math.inf",
  "low": 0,
  "high": 1e+30,
  "endless": true
 },
 {
  "kind": "number",
  "words": "a whole number, 0 or more",
  "low": 0,
  "high": 4294967295,
  "whole": true
 },
 {
  "kind": "schedule",
  "words": "a schedule that ends",
  "finite": true
 },
 {
  "kind": "number",
  "words": "a whole number, 1 or more, or math.inf",
  "low": 1,
  "high": 9007199254740992,
  "whole": true,
  "endless": true
 }
];

export const MEMBERS = {
 "chebyshev": {
  "title": "Chebyshev",
  "summary": "Chebyshev's steps: peak / (1 + (peak/floor − 1) · sin(π/2 · (n + 1/2) / nodes)^2).",
  "combinator": false,
  "symbol": "",
  "positional": [],
  "fields": [
   [
    "floor",
    0
   ],
   [
    "peak",
    0
   ],
   [
    "steps",
    1
   ]
  ]
 },
 "constant": {
  "title": "Constant",
  "summary": "The same rate at every step: value.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "value"
  ],
  "fields": [
   [
    "value",
    0
   ],
   [
    "steps",
    2,
    Infinity
   ]
  ]
 },
 "cosine": {
  "title": "Cosine",
  "summary": "Half a cosine wave: end + (start − end) · (1 + cos(π · t/steps)) / 2.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ]
  ]
 },
 "cosine_power": {
  "title": "CosinePower",
  "summary": "A power of half a cosine wave: end + (start − end) · ((1 + cos(π · t/steps)) / 2)^power.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ],
   [
    "power",
    3
   ]
  ]
 },
 "table": {
  "title": "Table",
  "summary": "Straight lines from point to point: r + (r' − r) · x, x going from 0 at r to 1 at r'.",
  "combinator": false,
  "symbol": "",
  "positional": [],
  "fields": [
   [
    "rates",
    4
   ],
   [
    "knots",
    5
   ]
  ]
 },
 "cosine_table": {
  "title": "CosineTable",
  "summary": "Half a cosine wave from point to point: r + (r' − r) · (1 − cos(π · x)) / 2.",
  "combinator": false,
  "symbol": "",
  "positional": [],
  "fields": [
   [
    "rates",
    4
   ],
   [
    "knots",
    5
   ]
  ]
 },
 "cosine_wave": {
  "title": "CosineWave",
  "summary": "A cosine wave for ever: end + (start − end) · (1 + cos(2π · t/period)) / 2.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "period",
    6
   ]
  ]
 },
 "cubic_table": {
  "title": "CubicTable",
  "summary": "Cubics from point to point: (1−x)^3·r + 3·x·(1−x)^2·after + 3·x^2·(1−x)·before + x^3·r'.",
  "combinator": false,
  "symbol": "",
  "positional": [],
  "fields": [
   [
    "rates",
    4
   ],
   [
    "knots",
    5
   ]
  ]
 },
 "cyclic_polynomial": {
  "title": "CyclicPolynomial",
  "summary": "A power over ever longer times: end + (start − end) · (1 − t/(k · period))^power.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "period",
    7
   ],
   [
    "power",
    3
   ]
  ]
 },
 "exponential": {
  "title": "Exponential",
  "summary": "An exponential decay: start · e^(−rate · t).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "rate",
    0
   ]
  ]
 },
 "exponential_cooldown": {
  "title": "ExponentialCooldown",
  "summary": "Part of an exponential: end + (start − end) · (ratio^f − ratio) / (1 − ratio), f = t/steps.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ],
   [
    "ratio",
    8
   ]
  ]
 },
 "geometric": {
  "title": "Geometric",
  "summary": "A decay by a ratio: start · ratio^(t/every).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "ratio",
    8
   ],
   [
    "every",
    7,
    1
   ]
  ]
 },
 "log_linear": {
  "title": "LogLinear",
  "summary": "A straight line on a logarithmic scale: start · (end/start)^(t/steps).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ]
  ]
 },
 "hyperbolic": {
  "title": "Hyperbolic",
  "summary": "A hyperbola: end + (start − end) · √((1 − t/steps) · (1 − t/(2·upper − steps))).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ],
   [
    "upper",
    7
   ]
  ]
 },
 "exp_hyperbolic": {
  "title": "ExpHyperbolic",
  "summary": "Exponential hyperbola: start · (end/start)^(1 − h), h = Hyperbolic(1, 0, steps, upper).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ],
   [
    "upper",
    7
   ]
  ]
 },
 "inverse_sqrt": {
  "title": "InverseSqrt",
  "summary": "One over a square root: start / √(1 + t/timescale).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "timescale",
    6
   ]
  ]
 },
 "inverse_time": {
  "title": "InverseTime",
  "summary": "One over time: start / (1 + rate · t).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "rate",
    0
   ]
  ]
 },
 "k_decay": {
  "title": "KDecay",
  "summary": "A cosine over a power of time: end + (start − end) · (1 + cos(π · (t/steps)^power)) / 2.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ],
   [
    "power",
    3
   ]
  ]
 },
 "linear": {
  "title": "Linear",
  "summary": "A straight line: start + (end − start) · t/steps.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ]
  ]
 },
 "mirror_cosine": {
  "title": "MirrorCosine",
  "summary": "A mirrored cosine: end + (start − end) · (2 − 2·f − (1 + cos(π · f)) / 2), f = t/steps.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ]
  ]
 },
 "piecewise": {
  "title": "Piecewise",
  "summary": "Constant rates between milestones: values[i], i boundaries being at or below t.",
  "combinator": false,
  "symbol": "",
  "positional": [],
  "fields": [
   [
    "values",
    4
   ],
   [
    "boundaries",
    9
   ],
   [
    "steps",
    2,
    Infinity
   ]
  ]
 },
 "polynomial": {
  "title": "Polynomial",
  "summary": "A power of the remaining fraction: end + (start − end) · (1 − t/steps)^power.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ],
   [
    "power",
    3
   ]
  ]
 },
 "power_law": {
  "title": "PowerLaw",
  "summary": "A power of time: start / (1 + t/timescale)^power.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "power",
    3
   ],
   [
    "timescale",
    6
   ]
  ]
 },
 "rex": {
  "title": "Rex",
  "summary": "The reflected exponential: end + (start − end) · (1 − f) / (1/2 + (1 − f)/2), f = t/steps.",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ]
  ]
 },
 "sqrt": {
  "title": "Sqrt",
  "summary": "A square root of time: start + (end − start) · √(t/steps).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ]
  ]
 },
 "staircase": {
  "title": "Staircase",
  "summary": "A staircase of one ratio: start · ratio^floor(t/every).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "ratio",
    8
   ],
   [
    "every",
    7
   ]
  ]
 },
 "tanh": {
  "title": "Tanh",
  "summary": "A hyperbolic tangent: start + (end − start) · (tanh x − tanh low) / (tanh high − tanh low).",
  "combinator": false,
  "symbol": "",
  "positional": [
   "start",
   "end"
  ],
  "fields": [
   [
    "start",
    0
   ],
   [
    "end",
    0
   ],
   [
    "steps",
    1
   ],
   [
    "low",
    10,
    -6.0
   ],
   [
    "high",
    11,
    3.0
   ]
  ]
 },
 "chain": {
  "title": "Chain",
  "summary": "One schedule after another: a(t) for t < a.steps, then b(t − a.steps).",
  "combinator": true,
  "symbol": ">>",
  "positional": [
   "parts"
  ],
  "fields": [
   [
    "parts",
    12
   ]
  ]
 },
 "clip": {
  "title": "Clip",
  "summary": "A schedule kept between two rates: min(max(s(t), floor), ceiling).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    13
   ],
   [
    "floor",
    0,
    0.0
   ],
   [
    "ceiling",
    14,
    Infinity
   ]
  ]
 },
 "drop": {
  "title": "Drop",
  "summary": "A schedule from a later step on: s(t + count).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    13
   ],
   [
    "count",
    1
   ]
  ]
 },
 "flip": {
  "title": "Flip",
  "summary": "A schedule upside down: ceiling − s(t).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    13
   ],
   [
    "ceiling",
    0
   ]
  ]
 },
 "noise": {
  "title": "Noise",
  "summary": "A schedule with seeded noise: s(t) · (1 − scale + 2 · scale · noise(t)).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    13
   ],
   [
    "scale",
    8
   ],
   [
    "seed",
    15,
    0
   ]
  ]
 },
 "open_ended": {
  "title": "OpenEnded",
  "summary": "An open-ended part: s(t), until finish sets its length.",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    13
   ]
  ]
 },
 "product": {
  "title": "Product",
  "summary": "The product of schedules: a(t) · b(t).",
  "combinator": true,
  "symbol": "*",
  "positional": [
   "parts"
  ],
  "fields": [
   [
    "parts",
    12
   ]
  ]
 },
 "sum": {
  "title": "Sum",
  "summary": "The sum of schedules: a(t) + b(t).",
  "combinator": true,
  "symbol": "+",
  "positional": [
   "parts"
  ],
  "fields": [
   [
    "parts",
    12
   ]
  ]
 },
 "difference": {
  "title": "Difference",
  "summary": "A schedule less others: max(a(t) − b(t), 0).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "parts"
  ],
  "fields": [
   [
    "parts",
    12
   ]
  ]
 },
 "minimum": {
  "title": "Minimum",
  "summary": "The lowest of several schedules: min(a(t), b(t)).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "parts"
  ],
  "fields": [
   [
    "parts",
    12
   ]
  ]
 },
 "maximum": {
  "title": "Maximum",
  "summary": "The highest of several schedules: max(a(t), b(t)).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "parts"
  ],
  "fields": [
   [
    "parts",
    12
   ]
  ]
 },
 "repeat": {
  "title": "Repeat",
  "summary": "A schedule over and over: s(t mod s.steps) · scale^floor(t / s.steps).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    16
   ],
   [
    "times",
    17,
    Infinity
   ],
   [
    "scale",
    8,
    1.0
   ]
  ]
 },
 "reverse": {
  "title": "Reverse",
  "summary": "A schedule backwards: s(s.steps − t).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    16
   ]
  ]
 },
 "scale": {
  "title": "Scale",
  "summary": "A schedule times a number: s(t) · factor.",
  "combinator": true,
  "symbol": "*",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    13
   ],
   [
    "factor",
    0
   ]
  ]
 },
 "stretch": {
  "title": "Stretch",
  "summary": "A schedule stretched or shrunk to another length: s(t · s.steps / steps).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    16
   ],
   [
    "steps",
    1
   ]
  ]
 },
 "slow": {
  "title": "Slow",
  "summary": "A schedule that runs factor times slower: s(t / factor).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    13
   ],
   [
    "factor",
    7
   ]
  ]
 },
 "hold_each": {
  "title": "HoldEach",
  "summary": "A schedule with each rate held for every steps: s(floor(t / every)).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    13
   ],
   [
    "every",
    7
   ]
  ]
 },
 "strict": {
  "title": "Strict",
  "summary": "A schedule that raises past its end: s(t) for t up to s.steps.",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    16
   ]
  ]
 },
 "take": {
  "title": "Take",
  "summary": "The beginning of a schedule: s(min(t, steps)).",
  "combinator": true,
  "symbol": "",
  "positional": [
   "schedule"
  ],
  "fields": [
   [
    "schedule",
    13
   ],
   [
    "steps",
    1
   ]
  ]
 }
};
