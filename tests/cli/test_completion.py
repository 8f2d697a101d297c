"""What Tab completes, asked as click asks, and in a real bash."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

import glissando as gl
from glissando.cli import COMMANDS, main

TRAIN = """\
model: resnet
optimizer:
  name: sgd
  lr: linear(0, 1, steps=10%) >> constant(1)
  groups: [{lr: {type: torch.StepLR, step_size: 3, lr: 0.5}}]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "train.yaml").write_text(TRAIN)
    (tmp_path / "rate one.json").write_text("{}")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / ".hidden.json").write_text("{}")
    (tmp_path / "broken.toml").write_text("= 3")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.toml").write_text("type = 'constant'\nvalue = 1\n")
    monkeypatch.chdir(tmp_path)


def asked(incomplete, *before):
    """What may follow `before` and begin with `incomplete`, as fish and zsh ask."""
    words = ["glissando", *(before or ("show",))]
    environment = {
        "_GLISSANDO_COMPLETE": "fish_complete",
        "COMP_WORDS": " ".join(words),
        "COMP_CWORD": incomplete and f"'{incomplete}",
    }
    result = CliRunner().invoke(main, [], env=environment)
    return [line.partition(",")[2].partition("\t")[0] for line in result.stdout.split("\n") if line]


def test_names(folder):
    everything = asked("")
    assert {"linear(", "repeat(", "wsd(", "keras_tip", "keras_tip.one_cycle"} <= set(everything)
    assert {"torch.", "optax.", "train.yaml", "rate one.json", "sub/"} <= set(everything)
    assert not {"notes.txt", ".hidden.json"} & set(everything)
    assert asked("keras_tip.o") == ["keras_tip.one_cycle"]
    assert "torch.OneCycleLR(" in asked("torch.")
    assert asked("torch.On") == ["torch.OneCycleLR("]
    assert asked("nothing") == []


def test_every_name_that_is_completed_is_known(folder):
    from glissando.text.names import maker

    for peer in gl.dialects.PEERS:
        names = [name for name in asked(f"{peer}.") if name.startswith(f"{peer}.")]
        assert names
        assert all(maker(name.rstrip("("), "it") for name in names)
    for name in asked(""):
        if "(" in name:
            assert maker(name.rstrip("("), "it")


def test_inside_a_text(folder):
    begin = "linear(0, 1, steps=5) >> "
    assert f"{begin}cosine(" in asked(f"{begin}cos")
    assert f"{begin}train.yaml" not in asked(begin)
    assert asked("torch.StepLR(30, ga") == ["torch.StepLR(30, gamma="]
    begin = "torch.StepLR(step_size=30, "
    assert asked(begin) == [f"{begin}gamma=", f"{begin}lr="]
    assert asked("linear(0, 1, ste") == ["linear(0, 1, steps="]
    assert asked("linear(0, 1, 5).rep") == ["linear(0, 1, 5).repeat("]


def test_files_and_their_keys(folder):
    assert asked("sub/") == ["sub/a.toml"]
    assert asked("train.yaml:") == ["train.yaml:optimizer.lr", "train.yaml:optimizer.groups[0].lr"]
    assert asked("train.yaml:optimizer.l") == ["train.yaml:optimizer.lr"]
    assert asked("broken.toml:") == []
    assert asked("mine=sub/") == ["mine=sub/a.toml"]
    assert asked("mine=torch.StepL") == ["mine=torch.StepLR("]


def test_nothing_is_read_or_imported_that_was_written_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "evil.py").write_text("open('pwned', 'w')")
    assert "linear(" in asked("lin", "show", "--allow-imports", "evil.", "imported('evil:f')")
    assert "linear(" in asked("lin", "show", "no such schedule", "--plan", "rubbish")
    assert os.listdir() == ["evil.py"]


def test_commands_and_options():
    assert asked("", "")[: len(COMMANDS)] == list(COMMANDS)
    assert asked("--pe", "show") == ["--per-epoch"]
    assert asked("lin", "no such command") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_printed(shell):
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert f"_GLISSANDO_COMPLETE={shell}_complete" in result.stdout
    assert ("(M)words[CURRENT]" in result.stdout) == (shell == "zsh")  # click's script has changed


def in_bash(*lines):
    """What bash makes of lines at whose end Tab is pressed: all that may stand there."""
    module = f"{sys.executable} -m glissando"
    ask = (
        f'glissando() {{ {module} "$@"; }}; source <({module} completion bash); '
        'ask() { COMP_LINE=$1 COMP_POINT=${#1} _glissando_completion glissando "$2" x; '
        'echo "-- $(printf "%s|" "${COMPREPLY[@]}")"; }; compopt() { :; }; '
    )
    words = " ".join(f"ask {json.dumps(line)} {json.dumps(word)};" for line, word in lines)
    done = subprocess.run(["bash", "--norc", "-c", ask + words], capture_output=True, text=True)
    assert done.stderr == ""
    return [line[3:-1].split("|") for line in done.stdout.splitlines()]


def test_in_a_real_bash(folder):
    lines = [  # and the word that bash takes for the last one
        ("glissando conv", "conv"),
        ("glissando show torch.StepL", "torch.StepL"),
        ("glissando show 'torch.StepL", "torch.StepL"),
        ("glissando show train.yaml:optimizer.l", "optimizer.l"),
        ("glissando show a=keras_tip.o", "keras_tip.o"),
        ("glissando plot keras_tip -o no", "no"),
    ]
    assert in_bash(*lines) == [
        ["convert"],
        ["'torch.StepLR("],
        ["torch.StepLR(", "torch.StepLR(step_size, gamma=0.1, lr)"],
        ["optimizer.lr"],
        ["keras_tip.one_cycle"],
        [""],  # bash completes files of any kind by itself
    ]


def test_no_framework_is_loaded_for_it():
    code = (
        "import os, sys, json, atexit\n"
        "atexit.register(lambda: print(json.dumps(list(sys.modules)), file=sys.stderr))\n"
        "from glissando.cli import main\n"
        "main()"
    )
    environment = os.environ | {
        "_GLISSANDO_COMPLETE": "bash_complete",
        "COMP_LINE": "glissando show torch.",
        "COMP_WORD": "torch.",
    }
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    loaded = set(json.loads(done.stderr))
    assert b"torch.StepLR(" in done.stdout
    assert not loaded & {"numpy", "torch", "keras", "plotly", "plotext", "yaml"}
