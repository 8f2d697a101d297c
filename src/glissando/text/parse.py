"""The `>>` text form: `linear(0, 1e-3, steps=500) >> cosine(1e-3, 1e-5, steps=9500)`."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from glissando.clock.duration import REST
from glissando.clock.plan import Plan
from glissando.combinators.base import Wrapper
from glissando.combinators.chain import joined
from glissando.errors import ScheduleError, shown
from glissando.schedule import FAMILIES, MAX_DEPTH, Schedule
from glissando.text.build import Builder, Open, build_recipe, rate_of
from glissando.text.names import is_family, maker

TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+(?:_\d+)*(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)(?! *[%\w.])"
    r"|(?P<length>\d[\d_.]*(?:e[-+]?\d+)?[kMBT]? *(?:%|[A-Za-z]+))|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<sign>>>|[-+*=(),.:\[\]{}])"
    r"|(?P<quoted>'[^']*'|\"(?:[^\"\\]|\\.)*\"))"
)


EQUALS = re.compile(r"\s*=")

OPTIMIZER = re.compile(r"(optimizer\s*=\s*[\w.]+|(\w+\.)*(\w*optimizer\w*|optim|opt))\s*[,)]")
"""What stands for the optimizer in a framework's own code: `self.optimizer`, `optimizer=opt`."""

CONSTANTS = {"inf": math.inf, REST: REST, "True": True, "False": False, "None": None}


def parse(text: str, plan: Plan | None = None, allow_imports: Sequence[str] = ()) -> Schedule:
    """Return the schedule that a text describes.

    The text holds calls of families and recipes by their tags, and of other frameworks' schedules
    by their names, such as `torch.CosineAnnealingLR(lr=0.1, T_max=100)`, with numbers, lists and
    schedules as arguments; `>>`, `*` and `+` between them; and methods such as `.repeat(3)` behind
    them. It is read, never evaluated: nothing else can be written in it. A framework's own code,
    `torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=100)`, is read once the rate that
    the optimizer has is added as `lr=0.1`.

    Args:
        text: the text form, as `str(schedule)` prints it. What counts steps may be a duration, such
            as `3%`, `2 epochs` or `1.5B tokens`, in quotes or not; `rest` is what other parts of
            a chain leave.
        plan: what durations are counted for: see `gl.plan`. `500 steps` need none.
        allow_imports: where functions may be imported from: see `gl.loads`.

    Raises:
        ScheduleError: the text cannot be read, with the column where it goes wrong; or what it
            describes breaks a rule; or a duration cannot be counted, or the percentages
            of a chain's parts do not add up to the run.

    Example:
        >>> parse("linear(0, 1e-3, steps=500) >> cosine(1e-3, 1e-5, steps=9500)")
        gl.Linear(0.0, 0.001, steps=500) >> gl.Cosine(0.001, 1e-05, steps=9500)
    """
    if not isinstance(text, str):
        raise ScheduleError(f"parse: `text` must be a string, got {shown(text)}")
    if re.match(r'\s*\{\s*"(type|glissando)"', text):
        raise ScheduleError(f"text form: got JSON, which gl.loads reads: {shown(text)}")
    if re.fullmatch(r"[^()]*\.(json|ya?ml|toml)\s*", text):
        raise ScheduleError(f"text form: got a path, which gl.load reads: {shown(text)}")
    builder = Builder(plan, allow_imports)
    schedule: Schedule = builder.closed(read(text, builder), whole=True)
    return schedule


def read(text: str, builder: Builder) -> Any:
    """Return the schedule that a text describes, open if its lengths are to be counted."""
    return _Reader(text, builder).whole()


class _Reader:
    def __init__(self, text: str, builder: Builder) -> None:
        self.text = text
        self.builder = builder
        self.tokens = self._scan()
        self.depth = 0
        self.next()

    def _scan(self) -> Iterator[tuple[str, str, int]]:
        place = 0
        end = len(self.text.rstrip())
        while place < end:
            match = TOKEN.match(self.text, place)
            if match is None:
                place += len(self.text[place:]) - len(self.text[place:].lstrip())
                self.fail(f"{self.text[place]!r} has no meaning here", place)
            kind = str(match.lastgroup)
            yield kind, match[kind], match.start(kind)
            place = match.end()
        while True:
            yield "end", "the end", end

    def next(self) -> str:
        """Move to the next token and return the one left behind."""
        left = getattr(self, "word", "")
        self.kind, self.word, self.place = next(self.tokens)
        return left

    def fail(self, what: str, place: int | None = None) -> NoReturn:
        place = self.place if place is None else place
        near = self.text[max(0, place - 20) : place + 20]
        joint = " Near" if what.endswith("?") else ", near"
        raise ScheduleError(f"text form, column {place + 1}: {what}{joint} {shown(near)}") from None

    def unexpected(self, expected: str) -> NoReturn:
        self.fail(f"expected {expected}, got {shown(self.word)}")

    def expect(self, sign: str) -> None:
        if self.word != sign or self.kind != "sign":
            self.unexpected(repr(sign))
        self.next()

    def takes(self, sign: str) -> bool:
        """Move on if the next token is `sign`; return whether it was."""
        if self.kind == "sign" and self.word == sign:
            self.next()
            return True
        return False

    def whole(self) -> Any:
        value = rate_of(self.chain())
        if self.kind != "end":
            self.unexpected("the end")
        if not isinstance(value, Schedule | Open):
            self.fail(f"expected a schedule, got {shown(value)}", 0)
        return value

    def chain(self) -> Any:
        self.depth += 1
        if self.depth > 2 * MAX_DEPTH:  # parentheses and calls both count
            self.fail(f"nested more than {MAX_DEPTH} deep")
        parts = [self.sum()]
        while self.takes(">>"):
            parts.append(self.sum())
        self.depth -= 1
        return parts[0] if len(parts) == 1 else self.builder.sequence(joined, parts, "'>>': parts")

    def sum(self) -> Any:
        parts = [self.product()]
        steps = 0.0  # of the parts so far: a number lasts as long as they do
        while self.takes("+"):
            part = self.operand(parts, self.product(), "+")
            if isinstance(parts[0], int | float):
                parts, part = [part], parts[0]
            if len(parts) == 1:
                parts[0] = self.builder.closed(parts[0])
                steps = parts[0].steps
            part = self.builder.closed(part)
            parts.append(part if isinstance(part, Schedule) else FAMILIES["constant"](part, steps))
            steps = max(steps, parts[-1].steps)
        return self.gathered("sum", parts)

    def product(self) -> Any:
        parts = [self.postfix()]
        while self.takes("*"):
            part = self.operand(parts, self.postfix(), "*")
            if isinstance(parts[0], int | float):
                parts, part = [part], parts[0]
            if isinstance(part, Schedule | Open):
                parts.append(part)
            else:
                whole = self.gathered("product", parts)
                parts = [self.builder.build(FAMILIES["scale"], (whole, part), {})]
        return self.gathered("product", parts)

    def operand(self, parts: list[Any], part: Any, sign: str) -> Any:
        """Return what stands behind a sign; raise unless it is a schedule or a number.

        One of it and what stands before must be a schedule.
        """
        parts[0], part = rate_of(parts[0]), rate_of(part)
        if not any(isinstance(value, Schedule | Open) for value in (parts[0], part)):
            self.fail(f"{sign!r} needs a schedule on one side")
        if not all(isinstance(value, Schedule | Open | int | float) for value in (parts[0], part)):
            self.fail(f"{sign!r} takes schedules and numbers only")
        return part

    def gathered(self, tag: str, parts: list[Any]) -> Any:
        """Return what an operator makes of its operands, all at once: they may be many."""
        if len(parts) == 1:
            return parts[0]
        family: Any = FAMILIES[tag]
        first, *others = (self.builder.closed(part) for part in parts)
        head = first.parts if type(first) is family else (first,)
        return family((*head, *others))

    def postfix(self) -> Any:
        value = self.atom()
        while self.takes("."):
            wrappers = [tag for tag, family in FAMILIES.items() if issubclass(family, Wrapper)]
            methods = sorted(["bounce", *wrappers])
            if self.kind != "name" or self.word not in methods:
                self.unexpected(f"one of {', '.join(methods)}")
            value = rate_of(value)
            if not isinstance(value, Schedule | Open):
                self.fail("a method needs a schedule before it")
            method = self.next()
            positional, named = self.arguments()
            if method == "bounce":
                if positional or named:
                    self.fail("bounce takes no arguments")
                value = self.builder.closed(value).bounce()
            else:
                value = self.builder.build(FAMILIES[method], (value, *positional), named)
        return value

    def atom(self) -> Any:
        negative = self.takes("-")
        if negative and self.kind != "number":
            self.unexpected("a number after '-'")
        if self.kind == "number":
            return self.number(-1 if negative else 1)
        if self.takes("("):
            value = self.chain()
            self.expect(")")
            return value
        if self.takes("["):
            return self.members()
        if self.takes("{"):
            return self.mapping()
        if self.kind == "quoted":  # a duration, or a choice among a recipe's words
            return self.quoted()
        if self.kind == "length":
            return self.next()
        if self.kind != "name":
            self.unexpected("a schedule, a number or a list")
        return self.named()

    def number(self, sign: int) -> float:
        word = self.next()
        whole = word.replace("_", "").isdecimal() and len(word) <= 400  # as long as any float is
        return sign * (int(word) if whole else float(word))

    def members(self) -> Any:
        found: list[Any] = []
        while not self.takes("]"):
            found.append(self.chain())
            if not self.takes(","):
                self.expect("]")
                break
        return found

    def mapping(self) -> Any:
        found: dict[Any, Any] = {}
        while not self.takes("}"):
            if self.kind not in ("quoted", "number"):
                self.unexpected("a name in quotes or a number")
            name = self.quoted() if self.kind == "quoted" else self.number(1)
            self.expect(":")
            if name in found:
                self.fail(f"{shown(name)} is given twice")
            found[name] = self.chain()
            if not self.takes(","):
                self.expect("}")
                break
        return found

    def quoted(self) -> Any:
        if self.word.startswith("'"):
            return self.next()[1:-1]
        try:
            text = json.loads(self.word)
        except ValueError:
            self.fail(f"not a text as JSON writes it: {shown(self.word)}")
        self.next()
        return text

    def named(self) -> Any:
        place = self.place
        name = self.next()
        if name in CONSTANTS:
            return CONSTANTS[name]
        for _ in range(4):  # at most: tf.keras.optimizers.schedules.CosineDecay
            if name not in FAMILIES and self.takes("."):
                name += "." + self.next()
        try:
            made = maker(name, "the name")
        except ScheduleError as error:
            self.fail(str(error), place)
        if is_family(made):
            positional, named = self.arguments()
            return self.builder.build(made, tuple(positional), named)
        positional, named = self.arguments(optimizer=True) if self.word == "(" else ([], {})
        return build_recipe(
            name,
            [self.builder.closed(value) for value in positional],
            {field: self.builder.closed(value) for field, value in named.items()},
            self.builder.counted,
        )

    def arguments(self, optimizer: bool = False) -> tuple[list[Any], dict[str, Any]]:
        """Return the arguments of a call, less the `optimizer` that a framework's own may have."""
        positional: list[Any] = []
        named: dict[str, Any] = {}
        self.expect("(")
        while not self.takes(")"):
            if optimizer and OPTIMIZER.match(self.text, self.place):
                optimizer, value = False, named
                while self.word not in (",", ")"):
                    self.next()
            else:
                value = self.chain() if self.kind != "name" else self.maybe_named(named)
            if value is not named:
                if named:
                    self.fail("an argument without a name must come before those with one")
                positional.append(value)
            if not self.takes(","):
                self.expect(")")
                break
        return positional, named

    def maybe_named(self, named: dict[str, Any]) -> Any:
        """Read `name=value` into `named` and return `named`; or read and return a value."""
        if not EQUALS.match(self.text, self.place + len(self.word)):
            return self.chain()
        name = self.next()
        self.expect("=")
        if name in named:
            self.fail(f"`{name[:60]}` is given twice")
        named[name] = self.chain()
        return named
