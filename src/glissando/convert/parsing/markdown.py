"""Model cards: their front matter, and the list of hyperparameters that a trainer wrote."""

import re
from typing import Any

from glissando.convert.parsing import yaml

FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*$", re.DOTALL | re.MULTILINE)
HEADING = re.compile(r"#{1,6}[ \t][^\n]{0,200}hyperparameters", re.IGNORECASE)
AXOLOTL = re.compile(r"^axolotl version:[^\n]*\n+```ya?ml\n(.*?)^```", re.DOTALL | re.MULTILINE)
ITEM = re.compile(r"^[ \t]*[-*][ \t]+[`*]{0,2}(\w{1,100})[`*]{0,2}[ \t]*:[ \t]*([^\n]{0,1000})$")


def read(text: str) -> dict[str, Any]:
    """Return the front matter, and under "hyperparameters" the values of that list by name.

    A card that axolotl wrote has its configuration as well: under "axolotl".

    Raises:
        ValueError: the front matter, or that configuration, is no YAML.
    """
    front = FRONT.match(text)
    data = yaml.read(front[1]) if front else {}
    found = dict(data) if isinstance(data, dict) else {}
    listed: dict[str, Any] = {}
    inside = False
    for line in text.splitlines():
        if line.startswith("#"):
            inside = bool(HEADING.match(line))
        elif inside and (item := ITEM.match(line)):
            listed[item[1]] = yaml.meaning(item[2].strip(" \t\r`"))
    if listed:
        found["hyperparameters"] = listed
    if block := AXOLOTL.search(text):
        found["axolotl"] = yaml.read(block[1])
    return found
