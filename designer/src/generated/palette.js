// Written by designer/generate.py.
export const COLORS = [
 "#025bfe",
 "#d30f09",
 "#c06697",
 "#4e9368",
 "#ab26b2",
 "#586c18",
 "#8877be",
 "#bf2952"
];

export const DASHES = [
 "solid",
 "dash",
 "dot",
 "dashdot",
 "longdash",
 "longdashdot"
];
