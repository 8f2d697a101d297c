/** What the designer's bundle offers to pages, notebooks and the documentation. */

export { copyAs, TARGETS } from "./copy.js";
export { build } from "./engine.js";
export { STARTING_POINTS } from "./generated/starting_points.js";
export { check, FAMILIES, float, RuleError } from "./rules.js";
export { area, drawnTo, landmarks, sample } from "./sampling.js";
export { python, spell } from "./spelling.js";

// once there is a user interface: start(mount, live) of start.js, which the page relies on
