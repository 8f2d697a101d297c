"""The house: imports run downward only and close no circle, and no file is too long to read.

All imports count, those inside functions and for types included.
"""

import ast
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src/glissando"

ROOMS = (
    "interrupt", "errors", "pages",
    "rules", "signatures", "value", "operators", "formulas", "backends",
    "schedule", "families", "combinators", "languages", "clock", "recipes", "dialects",
    "text", "plateau", "logs", "finder", "picture", "checks", "inference", "forecasting",
    "adapters", "studies",
    "designer", "convert", "__init__", "demo", "cli", "__main__",
)  # fmt: skip
"""The files and folders of the package from the ground up: each imports from those before it."""

FLOORS = 17
"""How many rooms may stand on each other."""

LINES = 400
"""How long a file may be."""

LONG = {
    "dialects/pytorch_scheduler.py": "24 schedulers and factories",
    "dialects/timm.py": "seven schedulers with many options, and a factory that takes them all",
}
"""Files that a framework's own size makes longer, and why."""


@dataclass(frozen=True)
class Import:
    """A statement that imports, or an attribute that is taken of what was imported."""

    file: str
    line: int
    code: str
    target: str
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: `{self.code}`"


def files_of(source: Path) -> list[str]:
    """Return all files of the package, as paths within it."""
    return sorted(path.relative_to(source).as_posix() for path in source.rglob("*.py"))


def room_of(file: str) -> str:
    """Return the room that a file stands in: its folder in the package, or itself."""
    return file.partition("/")[0].removesuffix(".py")


def imports_of(source: Path, file: str, files: set[str]) -> Iterator[Import]:
    """Yield what a file imports of the package, and what it takes by `module.name` of it."""

    def found(module: str) -> str | None:
        path = "/".join(module.split(".")[1:])
        ways = (f"{path}.py", f"{path}/__init__.py") if path else ("__init__.py",)
        return next((way for way in ways if way in files), None)

    tree = ast.parse((source / file).read_text())
    bound = {}  # names that stand for a file, or for the whole package
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.partition(".")[0] == "glissando":
                    target = found(name.name)
                    assert target, f"{file}:{node.lineno}: there is no {name.name}"
                    bound[name.asname or "glissando"] = target if name.asname else "__init__.py"
                    yield Import(file, node.lineno, ast.unparse(node), target)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{file}:{node.lineno}: import by the whole name"
            if node.module and node.module.partition(".")[0] == "glissando":
                whole = found(node.module)
                for name in node.names:
                    inner = found(f"{node.module}.{name.name}")
                    target = inner or whole
                    assert target, f"{file}:{node.lineno}: there is no {node.module}"
                    if inner:
                        bound[name.asname or name.name] = inner
                    names = () if inner else (name.name,)
                    yield Import(file, node.lineno, ast.unparse(node), target, names)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            target = bound.get(node.value.id)
            if target:
                yield Import(file, node.lineno, ast.unparse(node), target, (node.attr,))


def all_imports(source: Path) -> list[Import]:
    """Return the imports of all files."""
    files = files_of(source)
    return [one for file in files for one in imports_of(source, file, set(files))]


def climbing(source: Path) -> list[str]:
    """Return the imports that reach a room above their own."""
    return [
        f"{one} reaches up from {here} to {there}: move what it needs of {one.target} into {here} "
        f"or below, or what needs it in {one.file} into {there}"
        for one in all_imports(source)
        for here, there in [(room_of(one.file), room_of(one.target))]
        if ROOMS.index(there) > ROOMS.index(here)
    ]


def circle(source: Path) -> list[str]:
    """Return the imports of a circle of files, if there is one."""
    imports = {(one.file, one.target): one for one in reversed(all_imports(source))}
    below: dict[str, set[str]] = {}
    for file, target in imports:
        if file != target:
            below.setdefault(file, set()).add(target)
    try:
        TopologicalSorter(below).prepare()
    except CycleError as error:
        files = error.args[1][::-1]  # each imports the next
        steps = [str(imports[pair]) for pair in pairwise(files)]
        lowest = min(files, key=lambda file: ROOMS.index(room_of(file)))
        return [*steps, f"close a circle: move what they need of each other below {lowest}"]
    return []


def floors(source: Path) -> list[str]:
    """Return the longest line of rooms of which each imports from the next."""
    below: dict[str, set[str]] = {room: set() for room in ROOMS}
    for one in all_imports(source):
        below[room_of(one.file)].add(room_of(one.target))
    longest: dict[str, list[str]] = {}
    for room in ROOMS:  # from the ground up: what is below is known
        under = [longest[other] for other in below[room] if other in longest]
        longest[room] = [room, *max(under, key=len, default=[])]
    return max(longest.values(), key=len)


def trespassing(source: Path) -> list[str]:
    """Return the imports of another room's private names."""
    return [
        f"{one} takes the private {name} of {one.target}: move what needs it into "
        f"{room_of(one.target)}, or give it a public name there"
        for one in all_imports(source)
        for name in one.names
        if room_of(one.file) != room_of(one.target)
        and name.startswith("_")
        and not name.startswith("__")
    ]


def lengths(source: Path) -> dict[str, int]:
    """Return the files with too many lines, and their number."""
    counts = {file: len((source / file).read_text().splitlines()) for file in files_of(source)}
    return {file: count for file, count in counts.items() if count > LINES}


def test_every_room_has_its_place():
    assert {room_of(file) for file in files_of(SOURCE)} == set(ROOMS)


def test_imports_run_downward():
    found = climbing(SOURCE)
    assert not found, "\n".join(found)


def test_no_circle_is_closed():
    found = circle(SOURCE)
    assert not found, "\n".join(found)


def test_the_house_is_not_too_high():
    found = floors(SOURCE)
    assert len(found) <= FLOORS, " -> ".join(found)


def test_private_names_stay_in_their_room():
    found = trespassing(SOURCE)
    assert not found, "\n".join(found)


def test_no_file_is_too_long():
    found = lengths(SOURCE)
    too_long = {file: count for file, count in found.items() if file not in LONG}
    assert not too_long, f"above {LINES} lines, to be split by what a reader would look for"
    assert set(found) == set(LONG), "a file of LONG is short enough now"
    assert all(room_of(file) == "dialects" for file in LONG)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(SOURCE, tmp_path / "glissando")


def add(source: Path, file: str, code: str) -> int:
    """Add code to the end of a file; return its last line's number."""
    text = (source / file).read_text() + code
    (source / file).write_text(text)
    return len(text.splitlines())


def test_an_import_upward_is_found_inside_a_function_and_for_types(copy: Path):
    line = add(copy, "families/linear.py", "\ndef f():\n    from glissando.text import loads\n")
    types = "\nif TYPE_CHECKING:\n    import glissando.cli.table\n"
    last = add(copy, "rules.py", types)
    assert climbing(copy) == [
        f"families/linear.py:{line}: `from glissando.text import loads` reaches up from families "
        "to text: move what it needs of text/__init__.py into families or below, or what needs it "
        "in families/linear.py into text",
        f"rules.py:{last}: `import glissando.cli.table` reaches up from rules to cli: move what it "
        "needs of cli/table.py into rules or below, or what needs it in rules.py into cli",
    ]


def test_a_circle_is_found_also_within_a_room(copy: Path):
    line = add(
        copy, "recipes/methods/sgdr.py", "\ndef f():\n    from glissando.recipes import sgdr\n"
    )
    *steps, words = circle(copy)
    assert f"recipes/methods/sgdr.py:{line}: `from glissando.recipes import sgdr`" in steps
    assert words.startswith("close a circle: move what they need of each other below recipes/")


def test_private_names_are_found_by_import_and_by_attribute(copy: Path):
    line = add(copy, "cli/plot.py", "\nfrom glissando.text import files, parse as _parse, _x\n")
    assert trespassing(copy) == [
        f"cli/plot.py:{line}: `from glissando.text import files, parse as _parse, _x` takes the "
        "private _x of text/__init__.py: move what needs it into text, or give it a public name "
        "there"
    ]
    line = add(copy, "cli/table.py", "\nimport glissando as gl\n\ngl._plot, gl.__version__\n")
    assert (
        f"cli/table.py:{line}: `gl._plot` takes the private _plot of __init__.py"
        in (trespassing(copy)[1])
    )


def test_floors_are_counted(copy: Path):
    before = floors(copy)
    for low, high in pairwise(ROOMS):
        file = f"{high}.py" if (copy / f"{high}.py").exists() else f"{high}/__init__.py"
        add(copy, file, f"\nfrom glissando.{low} import x\n".replace(".__init__", ""))
    assert len(before) < len(floors(copy)) == len(ROOMS)
