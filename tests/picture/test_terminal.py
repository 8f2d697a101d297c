"""Drawings in the terminal."""

import re

import pytest

import glissando as gl
from glissando.picture.figure import points_of
from glissando.picture.landmarks import landmarks
from glissando.picture.terminal import draw
from glissando.rules import Rate

WARMUP = gl.Linear(0.0, 3e-4, steps=500) >> gl.Cosine(3e-4, 1e-5, steps=9_500)
TWO = {"falling": gl.Linear(1.0, 0.0, steps=50), "flat": gl.Constant(0.25)}


def drawn(schedules, width=80, **options):
    return draw(points_of(schedules, None), width, **options)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("schedules", [WARMUP, TWO], ids=["one", "two"])
def test_no_line_is_wider_than_the_terminal(schedules, width):
    plain = re.sub(r"\x1b\[[0-9;]*m", "", drawn(schedules, width))
    assert max(map(len, plain.splitlines())) <= width


def test_small_rates_have_readable_ticks():
    text = drawn(WARMUP, color=False)
    ticks = re.findall(r"^ *(\S+)┤", text, re.M)
    assert ticks == ["3e-4", "2.5e-4", "2e-4", "1.5e-4", "1e-4", "5e-5", "0"]
    assert text.splitlines()[-1].split() == ["0", "2000", "4000", "6000", "8000", "10k"]


def test_the_line_is_where_the_rates_are():
    # without braille each character is a point: a falling line starts at the top left
    rows = [
        row.partition("|")[2] or row.partition("+")[2]
        for row in drawn(TWO["falling"], 60, color=False, unicode=False).splitlines()[2:-2]
    ]
    places = [row.index("*") for row in rows]
    assert places[0] == 0
    assert places == sorted(places)
    assert rows[-1].rindex("*") >= len(rows[-1]) - 3


def test_colors_only_where_asked():
    assert "\x1b[" in drawn(TWO)
    assert "\x1b[" not in drawn(TWO, color=False)


def test_lines_without_colors_are_distinguished_by_letters():
    text = drawn(TWO, color=False)
    assert text.endswith("a falling\nb flat\n")
    assert "a" in text.partition("┤")[2]
    assert "bbbb" in text


def test_ascii_alone():
    assert drawn(WARMUP, color=False, unicode=False).isascii()
    assert drawn(TWO, color=True, unicode=False).isascii()


@pytest.mark.parametrize(
    "schedule",
    [gl.Constant(0.0), gl.Constant(0.1, steps=1), gl.Linear(1e25, 1.0, steps=2**53)],
    ids=str,
)
def test_extremes_are_drawn(schedule):
    assert len(drawn(schedule, color=False).splitlines()) > 10


def test_a_second_drawing_knows_nothing_of_the_first():
    first = drawn(WARMUP)
    drawn(TWO, 120)
    assert drawn(WARMUP) == first


def test_landmarks_of_a_chain():
    found = landmarks(WARMUP)
    assert [(mark.step, mark.rate) for mark in found.first] == [(0, 0.0), (500, 3e-4)]
    assert (found.end.step, found.end.rate) == (10_000, 1e-5)
    assert found.more == 0
    assert not any(mark.jump_from for mark in found.first)


def test_landmarks_show_jumps():
    jump = landmarks(gl.recipes.keras_tip.constant_then_exponential())
    assert jump.first[1] == (10, 0.00036787944117144236, 0.001)
    assert jump.end is None
    staircase = landmarks(gl.Staircase(1.0, 0.5, every=10), corners=3)
    assert [mark.jump_from for mark in staircase.first] == [None, 1.0, 0.5, 0.25]
    assert staircase.more == float("inf")
    one = landmarks(gl.recipes.keras_tip.one_cycle())
    assert one.first[1].jump_from is None


def test_landmarks_count_the_corners_they_leave_out():
    found = landmarks(gl.Cosine(1.0, 0.0, steps=10).repeat(1001))
    assert len(found.first) == 21
    assert found.more == 980


def test_landmarks_are_also_the_corners_of_clips_and_minima():
    def corners(schedule):
        return [mark.step for mark in landmarks(schedule).first[1:]]

    long = gl.Linear(1.0, 0.0, steps=10_000_000)
    assert corners(long.clip(floor=0.25)) == [7_500_000]
    assert corners(long.clip(floor=0.25, ceiling=0.5)) == [5_000_000, 7_500_000]
    assert corners(gl.minimum(long, gl.Linear(0.0, 1.0, steps=10_000_000))) == [5_000_000]
    assert corners(gl.Exponential(0.001, rate=0.1).clip(floor=1e-4)) == [23]
    assert corners((WARMUP * 2).clip(floor=1e-4)) != []
    assert corners(gl.Cosine(1.0, 0.0, steps=100).clip(floor=0.0)) == []


def test_a_family_of_your_own_says_whether_its_curve_bends():
    class Kinked(gl.Schedule):
        start: Rate

        def at(self, t, m):
            return m.maximum(self.start - t / 10_000_000, 0.25)

    class Bent(Kinked):
        bends = True

    assert [mark.step for mark in landmarks(Kinked(1.0)).first] == [0]
    assert [mark.step for mark in landmarks(Bent(1.0) * 0.5).first] == [0, 7_500_000]
