/** What the designer's bundle offers to pages, notebooks and the documentation. */

import { start } from "./start.js";
import { live } from "./ui/live.js";
import { mount } from "./ui/mount.js";
import { render } from "./ui/widget.js";

export { copyAs, TARGETS } from "./copy.js";
export { corners } from "./corners.js";
export { build } from "./engine.js";
export { STARTING_POINTS } from "./generated/starting_points.js";
export { predict, readForecast } from "./laws.js";
export { check, FAMILIES, float, RuleError } from "./rules.js";
export { area, drawnTo, landmarks, sample } from "./sampling.js";
export { python, spell } from "./spelling.js";
export { live, mount };
export default { render };

start(mount, live);
