"""Rows from what training prints: lines with a step and a rate among others."""

import json
import re
from collections.abc import Callable, Iterator

from glissando.logs.json_lines import row_of
from glissando.logs.source import EMPTY, Row, Source

NUMBER = r"[-+]?[0-9.]{1,30}(?:[eE][-+]?[0-9]{1,4})?"


def _megatron(line: str) -> Row:
    """Return what Megatron-LM or Megatron-DeepSpeed says of an iteration."""
    row = {}
    for name, way in MEGATRON.items():
        found = way.search(line)
        if found:
            row[name] = found[1]
    return row if "iteration" in row else {}


MEGATRON = {
    "iteration": re.compile(r"iteration {1,12}(\d{1,15})/ {0,12}\d"),
    "samples": re.compile(r"consumed samples: {1,15}(\d{1,18})"),
    "lr": re.compile(rf"learning rate: {{1,9}}({NUMBER})"),
    "skipped": re.compile(r"number of skipped iterations: {1,9}(\d{1,9})"),
    "lm loss": re.compile(rf"lm loss: {{1,9}}({NUMBER})"),
}

DEEPSPEED = re.compile(r"step=(\d{1,15}), skipped=(\d{1,15}), lr=\[([^\]]{1,999})\]")


def _deepspeed(line: str) -> Row:
    """Return what DeepSpeed says of a step: the rates of all groups."""
    found = DEEPSPEED.search(line)
    if not found or found[1] == "0":  # of the optimizer, before the scheduler has set any
        return {}
    rates = re.findall(NUMBER, found[3])
    row = {f"lr/group{i}": rate for i, rate in enumerate(rates)}
    return {"step": found[1], "skipped": found[2], **row}


FAIRSEQ_PAIR = re.compile(rf"\b(?:train_)?(num_updates|lr|loss)=({NUMBER})")


def _fairseq(line: str) -> Row:
    """Return what fairseq says after so many updates, in JSON or in its simple form."""
    begin = line.find("{")
    if begin >= 0 and "num_updates" in line:
        try:
            data = json.loads(line[begin:], parse_float=str, parse_int=str, parse_constant=str)
        except (ValueError, RecursionError):
            return {}
        row = row_of(data) if isinstance(data, dict) else {}
        row = {name.removeprefix("train_"): text for name, text in row.items()}
    else:
        row = {found[1]: found[2] for found in FAIRSEQ_PAIR.finditer(line)}
    kept = ("num_updates", "lr", "loss")
    return {name: row[name] for name in kept if row.get(name, "") not in EMPTY}


TORCHTUNE = re.compile(r"Step (\d{1,15}) \| ([^\n]{1,2000})")
TORCHTUNE_PAIR = re.compile(rf"\b([A-Za-z_]{{1,40}}):({NUMBER})")


def _torchtune(line: str) -> Row:
    """Return what torchtune says of a step."""
    found = TORCHTUNE.match(line)
    if not found:
        return {}
    return {"step": found[1], **dict(TORCHTUNE_PAIR.findall(found[2]))}


LLMC = re.compile(rf"s:(\d{{1,15}}) (?:tel:\S{{1,30}} )?trl:({NUMBER}) lr:({NUMBER})")
LLMC_SCREEN = re.compile(rf"step {{1,9}}(\d{{1,15}})/\d{{1,15}} \|.{{1,200}}\| lr ({NUMBER}) \|")


def _llmc(line: str) -> Row:
    """Return what llm.c says of a step; evaluations have lines of their own."""
    found = LLMC.match(line)
    return {"step": found[1], "loss": found[2], "lr": found[3]} if found else {}


def _llmc_screen(line: str) -> Row:
    """Return what llm.c prints of a step, counted from 1."""
    found = LLMC_SCREEN.match(line)
    return {"step": found[1], "lr": found[2]} if found else {}


OPENMMLAB = re.compile(
    r"(?:Epoch(?:\(train\) *| )\[ *(\d{1,9})\]|Iter(?:\(train\) *| ))"
    rf"\[ *(\d{{1,15}})/ *(\d{{1,15}})\]\s{{1,9}}(?:base_lr: {NUMBER} )?lr: ({NUMBER})"
)


def _openmmlab(line: str) -> Row:
    """Return what mmcv and mmengine say of an iteration, which an epoch's count begins anew."""
    found = OPENMMLAB.search(line)
    if not found:
        return {}
    done = (int(found[1]) - 1) * int(found[3]) if found[1] else 0
    return {"iter": str(done + int(found[2])), "lr": found[4]}


CONSOLES: dict[str, tuple[str, Callable[[str], Row]]] = {
    "megatron": (r"iteration +\d+/ *\d+ \|.*learning rate: ", _megatron),
    "deepspeed": (r"step=[1-9]\d*, skipped=\d+, lr=\[", _deepspeed),
    "fairseq": (
        r"\| INFO \| train(_inner)? \| |\[train(_inner)?\]\[INFO\] - |"
        r'^\{"epoch": \d+, .*"(train_)?num_updates"',
        _fairseq,
    ),
    "torchtune": (r"^Step \d+ \| .*\blr:", _torchtune),
    "llmc": (r"^s:\d+ (trl|tel):", _llmc),
    "llmc_screen": (r"^step +\d+/\d+ \|.*\| lr [\d.e+-]+ \|", _llmc_screen),
    "openmmlab": (
        r"Epoch(\(train\) *| )\[ *\d+\]\[.*\blr: |Iter(\(train\) *| )\[.*\blr: ",
        _openmmlab,
    ),
}
"""Of each format what a line of it has, and what such a line says."""


def console_of(text: str) -> str | None:
    """Return the format of what training printed, if lines of one are among it."""
    lines = [line[:4000] for line in text.splitlines()]
    for name, (mark, _) in CONSOLES.items():
        search = re.compile(mark).search
        if any(search(line) for line in lines):
            return name
    return None


def rows_of(name: str) -> Callable[[Source], Iterator[Row]]:
    """Return what yields the rows of a format, a row for each line that says something."""

    def rows(source: Source) -> Iterator[Row]:
        say = CONSOLES[name][1]
        skipped = 0
        for line in source.lines():
            row = say(line)
            if not row:
                continue
            if name == "megatron" and "skipped" in row:  # counted anew from line to line
                skipped += int(row["skipped"])
                row["skipped"] = str(skipped)
            yield row

    return rows
