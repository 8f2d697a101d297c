"""Charts in files."""

import re
import shutil
import subprocess
import sys

import pytest

import glissando as gl
from glissando.picture import save


@pytest.fixture(scope="module")
def figure():
    return gl.plot({"one </script><b>": gl.Linear(0.0, 0.1, 5), "two": gl.Constant(0.1)})


def test_a_page_is_one_file_that_draws_without_a_network(figure, tmp_path):
    path = tmp_path / "chart.html"
    save(figure, path)
    page = path.read_text()
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", page)
    assert "<title>Learning Rate over time (step)</title>" in page
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    assert browser, "the tests draw with Chrome or Chromium: apt install chromium"
    drawn = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=5000",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout
    assert drawn.count('class="trace scatter') == 2
    assert ">Learning Rate over time (step)</text>" in drawn
    assert 'data-title="Share' not in drawn


@pytest.mark.parametrize(
    ("suffix", "begin"), [(".png", b"\x89PNG\r\n"), (".svg", b"<?xml"), (".pdf", b"%PDF-")]
)
def test_pictures(tmp_path, suffix, begin, capfd):
    schedules = {"one": gl.Linear(0.0, 0.1, 5), "two": gl.Constant(0.1)}
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    for path in (first, second):
        save(gl.plot(schedules, backend="matplotlib"), path)
    assert first.read_bytes().startswith(begin)
    assert first.read_bytes() == second.read_bytes()
    assert capfd.readouterr() == ("", "")
    assert len(list(tmp_path.iterdir())) == 2
    if suffix == ".pdf":
        assert b"/FontFile2" in first.read_bytes()  # the fonts are in it
    if suffix == ".svg":
        assert ">learning rate</text>" in first.read_text()


def test_the_same_chart_is_the_same_page(figure, tmp_path):
    save(figure, tmp_path / "a.html")
    save(figure, tmp_path / "b.html")
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_a_symbolic_link_stays_and_what_it_points_to_is_written(figure, tmp_path):
    path, link = tmp_path / "chart.html", tmp_path / "link.html"
    path.write_text("old")
    link.symlink_to(path)
    save(figure, link)
    assert link.is_symlink()
    assert path.stat().st_size > 1_000_000


def test_an_older_file_is_replaced(figure, tmp_path):
    path = tmp_path / "chart.html"
    path.write_text("old")
    save(figure, path)
    assert path.stat().st_size > 1_000_000


@pytest.mark.parametrize(("name", "backend"), [("a.svg", "plotly"), ("a.html", "matplotlib")])
def test_a_figure_of_the_other_kind(tmp_path, name, backend):
    figure = gl.plot(gl.Constant(0.1), backend=backend)
    with pytest.raises(gl.ScheduleError, match=r"takes a figure of gl\.plot\(\.\.\., backend="):
        save(figure, tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["chart.gif", "chart", "chart.HTML", ""])
def test_an_unknown_suffix(figure, tmp_path, name):
    with pytest.raises(gl.ScheduleError, match=r"the suffix must be \.html, \.svg, \.pdf or \.png"):
        save(figure, tmp_path / name)


def test_where_nothing_can_be_written(figure, tmp_path):
    (tmp_path / "file").write_text("whole")
    (tmp_path / "folder.html").mkdir()
    for path, kind in {
        tmp_path / "missing" / "chart.html": FileNotFoundError,
        tmp_path / "file" / "chart.html": NotADirectoryError,
        tmp_path / "folder.html": IsADirectoryError,
    }.items():
        with pytest.raises(kind) as caught:
            save(figure, path)
        assert caught.value.filename == str(path)
    assert {file.name for file in tmp_path.iterdir()} == {"file", "folder.html"}
    assert (tmp_path / "file").read_text() == "whole"


def test_a_full_disk_leaves_the_older_file_whole(tmp_path):
    path = tmp_path / "chart.html"
    path.write_text("old")
    code = (
        "import resource, sys, glissando as gl; from glissando.picture import save\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try: save(gl.Constant(1.0).plot(), sys.argv[1])\n"
        "except OSError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True
    )
    assert str(path) in done.stdout
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
