"""The flags of a command line, as scripts, notes and logs have them."""

import re
from collections.abc import Mapping

LONGEST = 1000
"""How many characters a value may have."""

ASSIGNED = re.compile(
    r"^[ \t]*(?:export[ \t]+|local[ \t]+|readonly[ \t]+)?([A-Za-z_]\w*)="
    r"(\"[^\"]{0,1000}\"|'[^'\n]{0,1000}'|[^\s;#&|\"']{0,1000})[ \t]*(?:;|#|$)",
    re.MULTILINE,
)
FLAG = re.compile(r"(?<![\w-])--([A-Za-z][\w.-]{0,100})(?=[\s=\"']|$)")
VALUE = re.compile(
    r"[ \t]{0,99}(?:=|[ \t])[ \t]{0,99}(\"[^\"]{0,1000}\"|'[^']{0,1000}'|[^\s\"'`;|&]{1,1000})"
)
NUMBER = re.compile(r"[-+]?(\d[\d_,]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?")
VARIABLE = re.compile(r"\$(?:\{([A-Za-z_]\w*)(?::?-([^}]{0,200}))?\}|([A-Za-z_]\w*))")


def read(text: str) -> dict[str, str]:
    """Return the values of flags by their names, the last one of a command, as argparse takes it.

    Where several commands give a flag different values, it has them all, with " | " between. A
    flag with several numbers has them with blanks between; one without a value has "". Variables of
    the shell that the text itself gives a plain value are put in.
    """
    text = re.sub(r"\\\r?\n", " ", text)
    text = re.sub(r"(?m)^[ \t]*#[^\n]*", "", text)
    variables = {found[1]: _unquoted(found[2]) for found in ASSIGNED.finditer(text)}
    flags: dict[str, str] = {}
    for line in text.splitlines():
        own = {
            flag[1].replace("-", "_"): _value(line, flag.end(), variables)
            for flag in FLAG.finditer(line)
        }
        for name, value in own.items():
            known = flags.get(name, value)
            several = value not in known.split(" | ") and len(known) < LONGEST
            flags[name] = f"{known} | {value}" if several else known
    return flags


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

    for _ in range(8):
        new = VARIABLE.sub(value, text)
        if new == text or len(new) > LONGEST:
            break
        text = new
    return text
