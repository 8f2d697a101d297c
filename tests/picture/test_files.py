"""Charts in files."""

import logging
import os
import re
import subprocess
import sys

import pytest
from choreographer.browsers.chromium import Chromium

import glissando as gl
from glissando.picture import files, save


@pytest.fixture(scope="module")
def figure():
    return gl.plot({"one </script><b>": gl.Linear(0.0, 0.1, 5), "two": gl.Constant(0.1)})


def test_a_page_is_one_file_that_draws_without_a_network(figure, tmp_path):
    path = tmp_path / "chart.html"
    save(figure, path)
    page = path.read_text()
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", page)
    assert "<title>Learning Rate over time (step)</title>" in page
    browser = Chromium.find_browser(skip_local=False)
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
    ("suffix", "begin"), [(".png", b"\x89PNG\r\n"), (".svg", b"<svg"), (".pdf", b"%PDF-")]
)
def test_pictures(figure, tmp_path, suffix, begin, capfd):
    path = tmp_path / f"chart{suffix}"
    save(figure, path)
    assert path.read_bytes().startswith(begin)
    assert path.stat().st_size > 3000
    assert capfd.readouterr() == ("", "")
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


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


@pytest.mark.parametrize("browser", ["/nonexistent/chromium", sys.executable])
def test_without_a_browser_the_message_says_what_to_install(
    figure, tmp_path, monkeypatch, browser, capfd
):
    monkeypatch.setenv("BROWSER_PATH", browser)
    path = tmp_path / "chart.png"
    path.write_text("old")
    with pytest.raises(OSError, match="apt install chromium") as caught:
        save(figure, path)
    assert str(path) in str(caught.value)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == [path.name]
    assert capfd.readouterr() == ("", "")


def test_a_browser_that_never_answers_is_ended_and_told(figure, tmp_path, monkeypatch, capfd):
    started = tmp_path / "started"
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho $$ > {started}\nexec sleep 600\n")
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER_PATH", str(browser))
    monkeypatch.setattr(files, "PATIENCE", 3)
    path = tmp_path / "chart.png"
    with pytest.raises(OSError, match="did not answer within 3 seconds"):
        save(figure, path)
    assert not path.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)
    assert capfd.readouterr() == ("", "")


def test_without_kaleido_the_message_says_what_to_install(figure, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kaleido", None)
    monkeypatch.setitem(sys.modules, "kaleido.errors", None)
    with pytest.raises(ImportError, match=r'needs kaleido: pip install "glissando\[plot\]"'):
        save(figure, tmp_path / "chart.svg")


@pytest.mark.parametrize("name", ["chart.gif", "chart", "chart.HTML", ""])
def test_an_unknown_suffix(figure, tmp_path, name):
    with pytest.raises(gl.ScheduleError, match=r"the suffix must be \.html, \.png, \.svg or \.pdf"):
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


def test_loggers_of_the_browser_keep_the_handlers_of_the_user(figure, tmp_path, caplog):
    with caplog.at_level(logging.DEBUG):
        save(figure, tmp_path / "chart.svg")
    assert any(record.name.startswith(("kaleido", "choreographer")) for record in caplog.records)
