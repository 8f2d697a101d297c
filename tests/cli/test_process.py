"""The command as a process: pipes, signals, encodings, colors, imports."""

import json
import os
import pty
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

PATIENCE = 300  # seconds, of a machine that does other things as well
GLISSANDO = [sys.executable, "-m", "glissando"]
WARMUP = "linear(0, 1e-3, steps=500) >> cosine(1e-3, 1e-5, steps=9500)"


def run(*arguments, **options):
    environment = {**os.environ, **options.pop("env", {})}
    return subprocess.run(
        [*GLISSANDO, *arguments], capture_output=True, env=environment, timeout=PATIENCE, **options
    )


def on_a_terminal(*arguments, **environment):
    """What a command writes to a terminal."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", **environment}
    child = subprocess.Popen([*GLISSANDO, *arguments], stdout=slave, env=environment)
    os.close(slave)
    written = b""
    while True:
        try:
            read = os.read(master, 65536)
        except OSError:  # the terminal closes when the last writer has gone
            break
        if not read:
            break
        written += read
    os.close(master)
    assert child.wait(PATIENCE) == 0
    return written.decode()


def test_the_installed_command_is_the_module():
    assert run("--version").stdout.startswith(b"glissando ")


@contextmanager
def endless_table():
    """A command that prints until it is stopped."""
    # a process in the background, as these tests may be, ignores Ctrl-C
    start = (
        "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "runpy.run_module('glissando', run_name='__main__')"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", start, "table", "constant(1)", "--to", "1e12"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with child:
        try:
            assert child.stdout.readline().split() == [b"step", b"rate"]
            yield child
        finally:
            child.kill()


def test_a_reader_who_has_enough_sees_no_traceback():
    with endless_table() as child:
        child.stdout.close()
        assert child.wait(PATIENCE) == 0
        assert child.stderr.read() == b""


def test_ctrl_c_stops_without_a_traceback():
    with endless_table() as child:
        child.send_signal(signal.SIGINT)
        _, error = child.communicate(timeout=PATIENCE)
        assert child.returncode == 130
        assert error.strip() == b""


def interrupted(place):
    """Start a command that interrupts itself as soon as it imports a module of that name."""
    code = (
        "import os, runpy, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "class Interrupt:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        f"        if name == {place!r}: os.kill(os.getpid(), signal.SIGINT)\n"
        "sys.meta_path.insert(0, Interrupt())\n"
        "sys.argv[:] = ['/usr/bin/glissando', 'table', 'constant(1)', '--to', '1e12']\n"
        "import glissando.cli\n"
        "glissando.cli.main()"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=PATIENCE)


@pytest.mark.parametrize(
    "place",
    ["glissando.families", "glissando.schedule", "click", "glissando.cli", "glissando.cli.table"],
)
def test_ctrl_c_while_the_command_is_loaded_leaves_no_traceback(place):
    done = interrupted(place)
    assert (done.returncode, done.stdout) == (130, b"")
    assert done.stderr.strip() == b""


def test_ctrl_c_in_a_program_that_imports_the_package_is_its_own_affair():
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "sys.argv[0] = 'train.py'; import glissando, glissando.cli; "
        "assert signal.getsignal(signal.SIGINT) is signal.default_int_handler"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_command_in_the_background_goes_on_ignoring_ctrl_c():
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
        "sys.argv[0] = 'glissando'; import glissando; "
        "assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    "arguments", ["--help", "--version", "families", f"show '{WARMUP}'", f"table '{WARMUP}'"]
)
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", ">/dev/null <&-"])
def test_an_output_that_is_closed_leaves_no_traceback(arguments, closed):
    command = f"{sys.executable} -m glissando {arguments} {closed}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("arguments", ["--help", "families", f"table '{WARMUP}'"])
def test_a_reader_of_one_line_leaves_no_traceback(arguments):
    command = f"set -o pipefail; {sys.executable} -m glissando {arguments} | head -c 1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=PATIENCE)
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout) == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk to write to")
@pytest.mark.parametrize(
    "arguments", [["show", WARMUP], ["table", WARMUP], ["families"], ["--help"], ["--version"]]
)
def test_a_full_disk(arguments):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([*GLISSANDO, *arguments], stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr == b"Error: [Errno 28] No space left on device\n"


def test_an_ascii_terminal():
    done = run("show", WARMUP, env={"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0
    assert done.stdout.isascii()
    assert b"?" not in done.stdout
    for command in ("families", "cite"):
        names = ["one_cycle"] if command == "cite" else []
        assert run(command, *names, env={"PYTHONIOENCODING": "ascii"}).returncode == 0


def test_colors_on_a_terminal_alone():
    assert "\x1b[" in on_a_terminal("show", "keras_tip")
    assert "\x1b[" not in on_a_terminal("show", "keras_tip", NO_COLOR="1")
    assert b"\x1b[" not in run("show", "keras_tip").stdout


def test_errors_on_a_latin_terminal():
    done = run("show", "lineär", env={"PYTHONIOENCODING": "latin-1"})
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "kept_out"),
    [
        (["show", WARMUP], ["plotly", "matplotlib", "numpy", "yaml"]),
        (["table", WARMUP], ["plotly", "plotext", "matplotlib", "numpy", "yaml"]),
        (["--help"], ["plotly", "plotext", "matplotlib", "numpy", "keras", "yaml"]),
    ],
)
def test_a_command_imports_what_it_needs(arguments, kept_out):
    code = (
        "import sys, json\nfrom glissando.cli import main\n"
        f"try: main({arguments!r})\nexcept SystemExit: pass\n"
        "print(json.dumps(list(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert not set(kept_out) & set(json.loads(done.stderr))
