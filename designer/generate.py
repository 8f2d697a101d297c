"""Writes what the designer knows of the library: formulas, rules, and schedules to start from.

    python -m designer.generate designer/src/generated

A new family, recipe or dialect is in the designer without a word written here.
"""

import inspect
import json
import random
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import glissando as gl
from designer.printers import Arrays, Browser, Scalar
from docs.docstrings import example_of
from glissando.backends.floats import FLOATS
from glissando.backends.integers import fractal, noise
from glissando.backends.printer import Printer
from glissando.backends.tracer import Node
from glissando.combinators.base import Combinator
from glissando.combinators.pointwise import Pointwise
from glissando.errors import ScheduleError
from glissando.families.function import OwnFunction
from glissando.languages.symbols import symbolic
from glissando.pages import COLORS, DASHES
from glissando.recipes.registry import unit_of
from glissando.rules import Many, Number, Rule
from glissando.schedule import Part, Schedule
from glissando.value import REQUIRED

ROOT = Path(__file__).parents[1]

HEAD = "// Written by designer/generate.py.\n"

BY_HAND = ("chain", "open_ended")
"""Those that the engine itself makes of their parts, beside those whose parts run side by side."""

DRAWS = 2_000
"""With how many values it is tried whether a formula meets its start exactly."""


def generate(folder: Path) -> None:
    """Write the modules into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in modules().items():
        (folder / name).write_text(HEAD + text, encoding="utf-8")


def modules() -> dict[str, str]:
    """Return the text of each module by its file's name."""
    return {
        "formulas.js": formulas(),
        "families.js": families(),
        "palette.js": palette(),
        "sources.js": sources(),
        "starting_points.js": f"export const STARTING_POINTS = {literal(starting_points())};\n",
    }


def printed() -> Iterator[tuple[str, type[Schedule]]]:
    """Yield those whose formula is printed."""
    for tag, family in gl.FAMILIES.items():
        if not (tag in BY_HAND or issubclass(family, Pointwise | OwnFunction)):
            yield tag, family


def body(family: type[Schedule], printer: Printer) -> list[str]:
    """Return the lines of a function of the step, as `Schedule.rate_at` computes it."""
    whole, m = symbolic(family), printer.tracer()

    def inner(t: Any) -> Any:
        rate = whole.at(t, m)
        return rate if meets_start(family) else m.where(t <= 0, whole.start, rate)

    t = Node("step")
    if issubclass(family, Combinator):
        return printer.write(whole.at(t, m))
    ends = "steps" in family.fields or family.length is not Schedule.length
    return printer.write(
        m.hold(t, whole.steps, inner, whole.final(), whole.lands) if ends else inner(t)
    )


def meets_start(family: type[Schedule]) -> bool:
    """Return whether a formula gives its start exactly at step 0, whatever its fields are."""
    if "start" not in family.fields:
        return True
    draw = random.Random(0)
    return all(schedule.at(0, FLOATS) == schedule.start for schedule in drawn(family, draw))


def drawn(family: type[Schedule], draw: random.Random) -> Iterator[Schedule]:
    """Yield schedules of a family with random fields."""
    for _ in range(DRAWS):
        values = {name: value_of(field.rule, draw) for name, field in family.fields.items()}
        try:
            yield family(**values)
        except ScheduleError:  # these values do not go together
            continue


def value_of(rule: Any, draw: random.Random) -> Any:
    """Return a random number that keeps a rule."""
    low, high = max(rule.low, -10), min(rule.high, 1_000 if rule.whole else 1)
    if rule.whole:
        return draw.randint(max(1, int(low)), int(high))
    return draw.uniform(low, high) or high


def formulas() -> str:
    """Return the module of the formulas: a function of the fields that returns one of the step."""
    lines = [
        'import { below, fractal } from "../tables.js";\n',
        f"const noise = (t, seed) => {{\n{noise_body(Browser())}\n}};\n",
        "export const FORMULAS = {",
    ]
    for tag, family in printed():
        text = "\n".join(body(family, Browser()))
        names = ", ".join(read(text, family))
        lines.append(f"  {tag}: ({{ {names} }}) => (t) => {{\n{text}\n  }},")
    return "\n".join([*lines, "};\n"])


def sources() -> str:
    """Return the module of formulas as Python functions: of a number, and of arrays.

    `fields` are their arguments after the step, which are passed in that order.
    """
    found = {}
    for tag, family in printed():
        scalar = "\n".join(body(family, Scalar()))
        arrays = "\n".join(body(family, Arrays()))
        fields = read(f"{scalar}\n{arrays}", family)
        found[tag] = {"fields": fields, "scalar": scalar, "arrays": arrays}
    arithmetic = noise_body(Scalar())  # of whole numbers, and so of arrays of them, too
    plain = re.sub(r'    """.*?"""\n', "", inspect.getsource(fractal), flags=re.DOTALL)
    functions = {
        "noise": f"def noise(t, seed):\n{arithmetic}",
        "fractal": plain.replace(": Any", "").replace(" -> Any", "").strip(),
    }
    text = f"export const SOURCES = {literal(found)};\n"
    return f"{text}\nexport const FUNCTIONS = {literal(functions)};\n"


def noise_body(printer: Printer) -> str:
    """Return the lines of the function `noise(t, seed)`."""
    return "\n".join(printer.write(noise(Node("step"), Node("field", "seed"))))


def read(text: str, family: type[Schedule]) -> list[str]:
    """Return the names that a function reads, fields first."""
    prepared = ("end", "steps", "nodes", "after", "before", "schedule_steps")
    found = [name for name in (*family.fields, *prepared) if re.search(rf"\b{name}\b", text)]
    return list(dict.fromkeys(found))


def families() -> str:
    """Return the module of what each family is, and what its fields may be."""
    rules: list[dict[str, Any]] = []
    found = {}
    for tag, family in gl.FAMILIES.items():
        if issubclass(family, OwnFunction):
            continue
        fields = []
        for name, field in family.fields.items():
            rule = rule_of(field.rule)
            if rule not in rules:
                rules.append(rule)
            fields.append([name, rules.index(rule), *default_of(field.default)])
        found[tag] = {
            "title": family.__name__,
            "summary": (family.__doc__ or "").split("\n")[0].replace("`", ""),
            "combinator": issubclass(family, Combinator),
            "symbol": getattr(family, "symbol", "") if issubclass(family, Combinator) else "",
            "positional": [name for name in family.fields if name in family.positional],
            "fields": fields,
        }
    return f"export const RULES = {literal(rules)};\n\nexport const MEMBERS = {literal(found)};\n"


def rule_of(rule: Rule) -> dict[str, Any]:
    """Return a rule as data."""
    if isinstance(rule, Part):
        return {"kind": "schedule", "words": rule.words, "finite": rule.finite}
    if isinstance(rule, Many):
        if isinstance(rule.member, Part):
            return {"kind": "schedules", "words": rule.words}
        member = rule_of(rule.member)
        return {
            "kind": "list",
            "words": rule.words,
            "increasing": rule.increasing,
            "member": member,
        }
    if not isinstance(rule, Number):
        raise TypeError(f"the designer knows no field that is held to {rule!r}")
    number = {"kind": "number", "words": rule.words, "low": rule.low, "high": rule.high}
    flags = {name: True for name in ("whole", "above", "endless") if getattr(rule, name)}
    counts = {"steps": True} if rule.counts_steps else {}
    return number | flags | counts | ({"hint": rule.too_low} if rule.too_low else {})


def default_of(default: Any) -> list[Any]:
    """Return a field's default, if it has one."""
    return [] if default is REQUIRED else [default]


def palette() -> str:
    """Return the module of the colors and dashes of curves."""
    colors, dashes = literal(list(COLORS)), literal(list(DASHES))
    return f"export const COLORS = {colors};\n\nexport const DASHES = {dashes};\n"


def starting_points() -> list[dict[str, Any]]:
    """Return the recipes, as their own examples build them, and other frameworks' schedules."""
    found = []
    for name, function in sorted(gl.recipes.RECIPES.items()):
        made = example_of(function)
        summary = (function.__doc__ or "").split("\n")[0].replace("`", "").rstrip(".")
        found.append(
            {
                "group": "Recipes",
                "name": name,
                "title": summary,
                "unit": unit_of(name),
                "schedule": made,
            }
        )
    for line in (ROOT / "designer" / "other_frameworks.txt").read_text().splitlines():
        call, _, title = (part.strip() for part in line.partition("#"))
        schedule = gl.parse(call)
        found.append(
            {"group": title, "name": call, "title": call, "unit": "step", "schedule": schedule}
        )
    for each in found:
        data = json.loads(gl.dumps(each["schedule"]))
        each["schedule"] = {name: value for name, value in data.items() if name != "glissando"}
    return found


def literal(value: Any) -> str:
    """Return plain data as JavaScript."""
    return json.dumps(value, ensure_ascii=False, indent=1).replace("NaN", "null")


if __name__ == "__main__":
    generate(Path(sys.argv[1]))
