"""Every code block of README and docs is run, and what it shows is what comes out."""

import doctest
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager
from sybil import Document, Example
from sybil.parsers.markdown import CodeBlockParser, PythonCodeBlockParser

import glissando as gl
from glissando.studies.file import read_study

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/tasks").glob("*.md")),
]

NOT_RUN = {
    "sudo apt install make python3-venv": "changes the machine",
    "pip install glissando": "changes the environment of the tests",
    "pip install 'glissando[plot]'": "changes the environment of the tests",
    "pip install 'glissando[study]'": "changes the environment of the tests",
    "pip install 'glissando[ray]'": "changes the environment of the tests",
    "glissando design --forecast forecast.json": "opens a browser; has tests of its own",
    "glissando study study.toml": "needs a training; has tests of its own",
    "glissando study study.toml --address auto": "needs a cluster; has tests of its own",
    "ray start --head": "starts services",
    "ray start --address HEAD:6379": "starts services",
    'make contest CONTEST_OPTIONS="--text my.txt --width 48 --layers 2"': "trains long",
    "glissando demo": "trains for minutes; has tests of its own",
    "pip install 'glissando[notebook]'": "changes the environment of the tests",
    "glissando design": "opens a browser; has tests of its own",
    "glissando completion bash >> ~/.bashrc": "changes the user's shell; has tests of its own",
    "make demo": "makes an environment and trains for minutes",
    "make evidence": "needs a browser, and writes pictures; has tests of its own",
    "make test": "runs this very test",
}
"""The only commands that are shown and not run, and why. Of `make` the target is checked."""


def console(example: Example) -> str | None:
    """Run the commands of a block; what is shown below one is what it must print."""
    before, *blocks = re.split(r"^\$ ", example.parsed, flags=re.M)
    assert not before, f"{example.path}:{example.line}: a console block begins with '$ '"
    for block in blocks:
        command, _, shown = block.partition("\n")
        if command in NOT_RUN:
            if command.startswith("make "):
                assert re.search(rf"^{command.split()[1]}:", (ROOT / "Makefile").read_text(), re.M)
            continue
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-c", command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PATH": path, "COLUMNS": "80"},
            timeout=300,
        )
        if done.returncode or (shown.strip() and not same(shown, done.stdout)):
            return f"$ {command}\nexit code {done.returncode}\n{done.stdout}\nshown:\n{shown}"
    return None


def same(shown: str, printed: str) -> bool:
    """Return whether a command printed what is shown, where `...` stands for anything."""
    lines = [
        "\n".join(line.rstrip() for line in text.splitlines()).strip() + "\n"
        for text in (shown, printed)
    ]
    return doctest.OutputChecker().check_output(*lines, doctest.ELLIPSIS)


def schedule(read: Callable[[str], gl.Schedule]) -> Callable[[Example], None]:
    """Return what checks that a block is a schedule in some form."""
    return lambda example: read(example.parsed) and None


def file(suffix: str) -> Callable[[Example], None]:
    """Return what checks that a block is a schedule's file, and leaves the file behind."""

    def check(example: Example) -> None:
        path = Path(f"schedule{suffix}")
        path.write_text(example.parsed)
        gl.load(path)

    return check


def toml(example: Example) -> None:
    """Check that a block is a study's file, or a schedule's."""
    if not example.parsed.startswith("train ="):
        file(".toml")(example)
        return
    Path("train.py").write_text("def train(schedule, seed, resume, report): return 1.0\n")
    Path("wsd.yaml").write_text('{"type": "constant", "value": 1}')
    Path("study.toml").write_text(example.parsed)
    read_study(Path("study.toml"))


def cell(example: Example) -> None:
    """Run a notebook's cell, with what IPython alone knows."""
    code = TransformerManager().transform_cell(example.parsed)
    exec(compile(code, example.path, "exec"), example.namespace)


PARSERS = {
    "python": PythonCodeBlockParser(doctest_optionflags=doctest.ELLIPSIS),
    "ipython": CodeBlockParser("ipython", cell),
    "console": CodeBlockParser("console", console),
    "text": CodeBlockParser("text", schedule(gl.parse)),
    "json": CodeBlockParser("json", file(".json")),
    "yaml": CodeBlockParser("yaml", file(".yaml")),
    "toml": CodeBlockParser("toml", toml),
}
"""By the language of a block, what runs it."""


# TensorFlow's tensors do not know a keyword that NumPy 2 passes when Keras saves a model
@pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept a copy:DeprecationWarning"
)
# a helper of Lightning asks for the class of a leaf as PyTorch no longer wants it
@pytest.mark.filterwarnings("ignore:.*LeafSpec.* is deprecated:FutureWarning")
# the example resumes from the folder that it writes to
@pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty")
# Lightning's advice about loading data in other processes
@pytest.mark.filterwarnings("ignore:.*does not have many workers")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_of_the_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for example in Document.parse(str(page), *PARSERS.values()):
        example.evaluate()
    for drawn in tmp_path.glob("*.svg"):  # pictures on the page are those that its code draws
        committed = ROOT / "docs/pictures" / drawn.name
        assert not committed.exists() or committed.read_bytes() == drawn.read_bytes()


DIRECTIVES = r"\{(toctree|eval-rst|include|figure|grid|grid-item-card|tab-set|tab-item|raw)\}"
"""What shows no code, or code that has fences of its own."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_block_is_left_out(page: Path) -> None:
    text = page.read_text()
    fences = re.findall(r"^ *(?:```|~~~)+(.*)$", text, re.M)
    opened = re.findall(r"^ *:{3,}([^:\n].*)$", text, re.M)
    known = {fence for fence in {*fences, *opened} if re.match(DIRECTIVES, fence)}
    assert {*fences, *opened} - known <= {"", *PARSERS}
    assert "" not in fences[::2], "a block has no language"
