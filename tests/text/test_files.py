"""Files: what a path may be, and what a write leaves behind."""

import os
import stat
import threading

import pytest

import glissando as gl
from glissando.text.files import write_whole

RATE = gl.Linear(0.0, 1e-3, steps=500)


def refused(path, **options):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.load(path, **options)
    return str(caught.value)


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".yml", ".toml", ".YAML", ".Json"])
def test_saving_writes_through_a_symbolic_link(tmp_path, suffix):
    real, link, far = (tmp_path / f"{name}{suffix}" for name in ("real", "link", "far"))
    gl.save(gl.Constant(1), real)
    real.chmod(0o640)
    link.symlink_to(real.name)
    far.symlink_to(link)
    gl.save(RATE, far)
    assert link.is_symlink()
    assert far.is_symlink()
    assert gl.load(real) == gl.load(far) == RATE
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert len(os.listdir(tmp_path)) == 3


def test_a_link_to_nothing_gets_its_file(tmp_path):
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to("folder/new.json")
    gl.save(RATE, link)
    assert link.is_symlink()
    assert gl.load(tmp_path / "folder/new.json") == RATE


def test_a_link_into_a_folder_that_is_missing_is_told_by_its_own_name(tmp_path):
    link = tmp_path / "link.json"
    link.symlink_to("missing/new.json")
    with pytest.raises(FileNotFoundError) as caught:
        gl.save(RATE, link)
    assert caught.value.filename == str(link)
    assert link.is_symlink()


def test_links_in_a_circle_are_told(tmp_path):
    for here, there in ("ab", "ba"):
        (tmp_path / f"{here}.json").symlink_to(f"{there}.json")
    with pytest.raises(OSError, match="symbolic links"):
        gl.save(RATE, tmp_path / "a.json")
    assert all(path.is_symlink() for path in tmp_path.iterdir())


def test_a_chart_is_written_through_a_symbolic_link(tmp_path):
    from glissando.picture.files import save

    (tmp_path / "link.html").symlink_to("real.html")
    save(gl.plot(RATE), tmp_path / "link.html")
    assert (tmp_path / "link.html").is_symlink()
    assert "<html" in (tmp_path / "real.html").read_text()


def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"whole")
    reader.join()
    assert read == [b"whole"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_threads_get_the_permissions_that_the_umask_says(tmp_path, monkeypatch):
    def never(mask):
        raise AssertionError("the umask is the whole process's")

    old = os.umask(0o027)
    try:
        monkeypatch.setattr(os, "umask", never)
        threads = [
            threading.Thread(target=gl.save, args=(RATE, tmp_path / f"{i}.json")) for i in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        monkeypatch.undo()
        os.umask(old)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o640}
    assert len(os.listdir(tmp_path)) == 16


def test_a_pipe_that_nobody_writes_to_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.json")
    assert "must be a file, got a pipe or a device" in refused(tmp_path / "pipe.json")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no device without an end")
def test_a_device_without_an_end_is_not_read(tmp_path):
    (tmp_path / "zero.json").symlink_to("/dev/zero")
    assert "must be a file, got a pipe or a device" in refused(tmp_path / "zero.json")


def test_odd_paths(tmp_path):
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(IsADirectoryError):
        gl.load(tmp_path / "folder.json")
    with pytest.raises(FileNotFoundError):
        gl.load(tmp_path / "missing.json")
    assert "a path has no NUL in it" in refused("a\0.json")
    assert "the suffix must be .json, .yaml, .yml or .toml, got ''" in refused(tmp_path)


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".toml"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe\x00", "must be text in UTF-8"),
        ('{"type": "constant"}'.encode("utf-16"), "must be text in UTF-8"),
        (b"\0" * 100, "not valid "),
        (b"type\0: constant", "not valid "),
        (b'{"type": "constant", "value": 1, "steps": \xed\xa0\x80}', "must be text in UTF-8"),
    ],
)
def test_other_bytes_than_text_are_told(tmp_path, suffix, content, reason):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    assert reason in refused(path)


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".toml"])
def test_a_byte_order_mark_does_no_harm(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    gl.save(RATE, path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert gl.load(path) == RATE


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".json", '{"optimizer": {"groups": [{"lr": %s}]}}'),
        (".toml", "[[optimizer.groups]]\nlr = %s"),
        (".yaml", "optimizer: {groups: [{lr: %s}]}"),
    ],
)
def test_one_key_of_a_file_in_every_format(tmp_path, suffix, text):
    path = tmp_path / f"train{suffix}"
    peer = "gl.dialects.optax.linear_schedule(0.0, 0.001, 500)"
    for form in ('"linear(0, 1e-3, steps=500)"', '"gl.Linear(0.0, 0.001, steps=5%)"', f'"{peer}"'):
        path.write_text(text % form)
        for key in ("optimizer.groups.0.lr", "optimizer.groups[0].lr"):
            assert gl.load(path, gl.plan(steps=10_000), key=key) == RATE
    assert "there is no key 'lrs' in 'optimizer.groups[0]'; did you mean 'lr'?" in (
        refused(path, key="optimizer.groups[0].lrs")
    )


def test_a_function_under_a_key_needs_permission(tmp_path):
    path = tmp_path / "train.yaml"
    path.write_text("lr: {type: imported, function: 'math:sqrt'}\ntext: \"imported('math:sqrt')\"")
    for key in ("lr", "text"):
        assert "not imported without being asked to" in refused(path, key=key)
        assert gl.load(path, allow_imports=["math"], key=key)(4) == 2
