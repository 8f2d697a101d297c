"""The flags of a command line, as scripts, notes and logs have them."""

import re
from collections.abc import Iterator, Mapping

from glissando.convert.parsing import python

LONGEST = 1000
"""How many characters a value may have."""

DEEPEST = 16
"""How many variables may lead from one to another, arithmetic counted twice."""

ASSIGNED = re.compile(
    r"^[ \t]*(?:export[ \t]+|local[ \t]+|readonly[ \t]+)?([A-Za-z_]\w*)="
    r"(\"[^\"]{0,1000}\"|'[^'\n]{0,1000}'|\$\(\([^\n;#]{0,500}?\)\)|[^\s;#&|\"']{0,1000})"
    r"[ \t]*(?:;|#|$)",
    re.MULTILINE,
)
LOOP = re.compile(r"\bfor[ \t]+([A-Za-z_]\w*)[ \t]+in[ \t]+([^;\n$`()]{1,200})[;\n]")
FLAG = re.compile(r"(?<![\w-])--([A-Za-z][\w.-]{0,100})(?=[\s=\"']|$)")
VALUE = re.compile(
    r"[ \t]{0,99}(?:=|[ \t])[ \t]{0,99}(\"[^\"]{0,1000}\"|'[^']{0,1000}'|[^\s\"'`;|&]{1,1000})"
)
NUMBER = re.compile(r"[-+]?(\d[\d_,]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?[-=]([^}]{0,200}))?\}|([A-Za-z_]\w*))")
ARITHMETIC = re.compile(r"\$\(\(((?:[\w\s+*/%-]|\([\w\s+*/%-]*\)){1,500})\)\)")


def read(text: str) -> dict[str, str]:
    """Return the values of flags by their names, the last one of a command, as argparse takes it.

    Where several commands give a flag different values, it has them all, with " | " between. A
    flag with several numbers has them with blanks between; one without a value has "". Variables of
    the shell that the text itself gives a plain value, or a default, are put in, and arithmetic of
    whole numbers is done. The variable of a loop has the values that the loop gives it.
    """
    text = re.sub(r"\\\n", " ", "\n".join(_without_comments(text)))
    variables: dict[str, str] = {}
    for found in ASSIGNED.finditer(text):
        name, value = found[1], _unquoted(found[2])
        own = {name: variables[name]} if name in variables else {}
        variables[name] = _own(value, name, own)
    for found in LOOP.finditer(text):
        variables.setdefault(found[1], " | ".join(re.split(r"[\s{},]+", found[2].strip("{}, \t"))))
    flags: dict[str, str] = {}
    for line in text.splitlines():
        own = {
            flag[1].replace("-", "_"): _value(line, flag.end(), variables)
            for flag in FLAG.finditer(line)
        }
        for name, value in own.items():
            known = flags.get(name, value)
            several = value not in (known, *known.split(" | ")) and len(known) < LONGEST
            flags[name] = f"{known} | {value}" if several else known
    return flags


def _without_comments(text: str) -> Iterator[str]:
    """Yield the lines; one that goes on from the line before it, by a backslash, is no comment."""
    goes_on = False
    for line in text.splitlines():
        if goes_on or not line.lstrip().startswith("#"):
            yield line
            goes_on = line.endswith("\\")


def _own(text: str, name: str, before: Mapping[str, str]) -> str:
    """Return a variable's text with the value that it had before in place of its own name."""

    def value(found: re.Match[str]) -> str:
        if (found[1] or found[3]) != name:
            return found[0]
        return before.get(name, found[0] if found[2] is None else found[2])

    return VARIABLE.sub(value, text)


def _unquoted(text: str) -> str:
    return text[1:-1] if text[:1] in ('"', "'") and text[-1:] == text[:1] else text


def _value(text: str, at: int, variables: Mapping[str, str]) -> str:
    """Return the value of the flag that ends at a place in the text."""
    words: list[str] = []
    while sum(map(len, words)) < LONGEST and (found := VALUE.match(text, at)):
        word = _put_in(_unquoted(found[1]), variables)
        if word.startswith("--") or (words and not NUMBER.fullmatch(word)):
            break
        words.append(word)
        if not NUMBER.fullmatch(word):
            break
        at = found.end()
    return " ".join(words)


def _put_in(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with the values of variables, which may have variables in them, too."""

    def value(found: re.Match[str]) -> str:
        known = variables.get(found[1] or found[3])
        return found[0] if known is None and found[2] is None else (known or found[2] or "")

    def number(found: re.Match[str]) -> str:
        named = re.sub(r"\b[A-Za-z_]\w*", lambda name: f"${{{name[0]}}}", found[1])
        if named != found[1]:
            return f"$(({named}))"
        try:
            whole = python.read(f"whole = {found[1].replace('/', '//').strip()}").get("whole")
        except ValueError:  # no arithmetic, such as a number that begins with 0
            return found[0]
        return str(whole) if type(whole) is int and whole >= 0 else found[0]

    for _ in range(DEEPEST):
        new = ARITHMETIC.sub(number, VARIABLE.sub(value, text))
        if new == text or len(new) > LONGEST:
            break
        text = new
    return text
