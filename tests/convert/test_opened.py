"""Files as data: what they say, and that a hostile one is data or refused, in bounded memory."""

import json
import os
import pickle
import subprocess
import sys
import tracemalloc

import pytest

import glissando as gl
from glissando.convert.opened import open_document


def opened(folder, name, text):
    file = folder / name
    file.write_text(text)
    return open_document(file)


def test_tags_of_yaml_are_data(tmp_path):
    text = (
        "model: !new:os.system [ls]\nrate: !ref <lr>\nlist: !!python/tuple [1, 2]\n"
        "run: !!python/object/apply:os.system ['touch /tmp/x']\n"
        "steps: !PiecewiseDecay {gamma: 0.1}\nname: !!str 12\n"
    )
    assert opened(tmp_path, "a.yaml", text).data == {
        "model": {"!tag": "!new:os.system", "value": ["ls"]},
        "rate": {"!tag": "!ref", "value": "<lr>"},
        "list": {"!tag": "!!python/tuple", "value": [1, 2]},
        "run": {"!tag": "!!python/object/apply:os.system", "value": ["touch /tmp/x"]},
        "steps": {"!tag": "!PiecewiseDecay", "value": {"gamma": 0.1}},
        "name": "12",
    }


def test_yaml_is_read_as_the_frameworks_read_it(tmp_path):
    text = (
        "a: 1e-4\nb: yes\nc: ~\nd: 10_000\nbase: &base {x: 1, y: 2}\n"
        "e: {<<: *base, y: 3}\na2: *base\nf: '1'\na: 2e-4\n"
    )
    assert opened(tmp_path, "a.yml", text).data == {
        "a": 2e-4, "b": True, "c": None, "d": 10_000, "base": {"x": 1, "y": 2},
        "e": {"x": 1, "y": 3}, "a2": {"x": 1, "y": 2}, "f": "1",
    }  # fmt: skip


def test_python_is_data(tmp_path):
    text = (
        "_base_ = ['a.py']\nlr = 2 * 1e-3\nhuge = 9 ** 9 ** 9\nworkers = os.cpu_count()\n"
        "param_scheduler = [dict(type='LinearLR', end=100 * 5), {**dict(a=1), 'b': -lr}]\n"
        "def main():\n    run(Trainer(lr=1e-3), x)\n"
    )
    data = opened(tmp_path, "a.py", text).data
    assert data["param_scheduler"] == [{"type": "LinearLR", "end": 500}, {"a": 1, "b": -0.002}]
    assert data["huge"] == {"!tag": "!code", "value": "9 ** 9 ** 9"}
    assert data["workers"] == {"!tag": "os.cpu_count", "value": []}
    assert {"!tag": "Trainer", "value": [], "lr": 1e-3} in data["!calls"]


def test_a_notebook_is_its_code(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["learning_rate = 1"]},
        {"cell_type": "code", "source": ["!pip install x\n", "%time\n", "lr = 1e-3\n"]},
        {"cell_type": "code", "source": "!python train.py --lr 0.1"},
    ]
    document = opened(tmp_path, "a.ipynb", json.dumps({"cells": cells}))
    assert document.data == {"lr": 1e-3, "!calls": [], "!returned": {}}
    assert document.flags == {"lr": "0.1"}


def test_flags_of_scripts(tmp_path):
    text = (
        "#!/bin/bash\n#SBATCH --nodes=4\nLR=6e-5\nMIN=${LR}\n"
        'OPTIMIZER_ARGS=" \\\n    --lr $LR --min-lr ${MIN} \\\n'
        '    --lr-decay-style cosine --rampup-batch-size 192 16 9_765_625 \\\n    --fp16 "\n'
        "python x.py $OPTIMIZER_ARGS --epochs=${EPOCHS:-3} --seed -1 --name 'a b' data\n"
    )
    assert opened(tmp_path, "a.slurm", text).flags == {
        "lr": "6e-5", "min_lr": "6e-5", "lr_decay_style": "cosine",
        "rampup_batch_size": "192 16 9_765_625", "fp16": "", "epochs": "3", "seed": "-1",
        "name": "a b",
    }  # fmt: skip


BAD = {
    "a.json": ('{"a": [1, 2', "not valid JSON: .*line 1 column"),
    "b.json": ("[" * 200_000, "not read as JSON: nested too deep"),
    "a.yaml": ("a: [1,\nb: }", "not valid YAML: .*line 2, column"),
    "b.yaml": ("[" * 100_000, "nested too deep"),
    "c.yaml": ("a: &a [*a]", "stands inside of what it names"),
    "d.yaml": ("a: 1\n---\nb: 2\n", "it holds several documents"),
    "a.toml": ("a = = 1", "not valid TOML: .*line 1"),
    "a.py": ("def f(:\n", "not valid PY: .*line 1"),
    "b.py": ("-" * 100_000 + "1", "nested too deep"),
    "a.ipynb": ("{}", "not valid IPYNB"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad_is_refused_with_its_place(tmp_path, name):
    text, message = BAD[name]
    with pytest.raises(gl.ScheduleError, match=message) as refused:
        opened(tmp_path, name, text)
    assert str(refused.value).startswith(str(tmp_path / name))


def test_a_short_text_does_not_grow(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    tracemalloc.start()
    with pytest.raises(gl.ScheduleError, match="1,000,000 values, got more by YAML aliases"):
        opened(tmp_path, "bomb.yaml", "\n".join(lines))
    text = "\n".join(
        ["A0=xxxxxxxx", *(f"A{n}=$A{n - 1}$A{n - 1}" for n in range(1, 60)), "x --a $A59"]
    )
    assert len(opened(tmp_path, "bomb.sh", text).flags["a"]) < 10_000
    assert tracemalloc.get_traced_memory()[1] < 20e6
    tracemalloc.stop()


def test_a_large_file_is_not_read_whole(tmp_path):
    for name, size in {"a.sh": 2**32, "a.yaml": 5 * 2**20, "a.py": 2 * 2**20}.items():
        file = tmp_path / name
        file.write_bytes(b" " * 5000)
        os.truncate(file, max(size, 5000))
        with file.open("r+b") as writing:
            writing.write(b"x" * 5000)
        tracemalloc.start()
        with pytest.raises(gl.ScheduleError, match=r"may have [14] MiB, got more"):
            open_document(file)
        assert tracemalloc.get_traced_memory()[1] < 40e6
        tracemalloc.stop()


def test_an_endless_line_of_flags_is_read_once(tmp_path):
    endless = "--lr " + "-" * 500_000 + " --x 1" * 50_000 + " --y" + " " * 500_000
    document = opened(tmp_path, "a.txt", endless)
    assert document.flags["x"] == "1"


class Evil:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it ran')",))


def test_a_pickle_is_never_opened(tmp_path):
    file = tmp_path / "training_args.bin"
    file.write_bytes(pickle.dumps(Evil()))
    document = open_document(file)
    assert (document.text, document.data) == ("", {})
    with pytest.raises(gl.ScheduleError, match=r"training_args.bin: "):
        gl.read(file)


def test_what_is_no_file_is_refused(tmp_path):
    with pytest.raises(gl.ScheduleError, match="must be a file, got a folder"):
        open_document(tmp_path)
    with pytest.raises(gl.ScheduleError, match="has no NUL"):
        gl.read("a\0b")
    with pytest.raises(FileNotFoundError):
        gl.read(tmp_path / "none.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(gl.ScheduleError, match="got a pipe or a device"):
        gl.read(tmp_path / "pipe.yaml")
    (tmp_path / "latin.yaml").write_bytes("a: ü".encode("latin-1"))
    with pytest.raises(gl.ScheduleError, match="must be text in UTF-8"):
        gl.read(tmp_path / "latin.yaml")


def test_reading_imports_no_framework(tmp_path):
    file = tmp_path / "train.yaml"
    file.write_text("learning_rate: 1e-4\nlr_scheduler_type: linear\nmax_steps: 5\n")
    code = (
        f"import sys, glissando as gl; gl.read({str(file)!r}); "
        "print({'torch', 'transformers', 'tensorflow', 'keras', 'jax'} & set(sys.modules))"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "set()\n"
