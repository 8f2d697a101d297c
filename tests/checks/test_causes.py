"""Causes that are rarer, two causes in one log, and what is to be written instead."""

import re
from pathlib import Path

import numpy as np
import pytest

import glissando as gl
from glissando.checks.advice import ADVICE
from glissando.logs.logged import LoggedRates

CAUSES = Path(gl.__file__).parent / "checks/causes"

MEANT = gl.Linear(0.0, 1e-3, 50) >> gl.Cosine(1e-3, 1e-5, 950)

STABLE = gl.Linear(0.0, 1e-3, 50) >> gl.Constant(1e-3, 750) >> gl.Linear(1e-3, 0.0, 200)


def audit(rate, meant=MEANT, updates=range(0, 1000, 10), **more) -> gl.Verdict:
    """Return the verdict on the exact rates of a function, at some updates."""
    steps, rates = np.array(updates, float), np.array([rate(k) for k in updates])
    lines = np.arange(len(steps)) + 1
    log = LoggedRates(steps, rates, np.abs(rates) * 1e-12, lines, "test", (0, 1), **more)
    return gl.audit(log, meant)


@pytest.mark.parametrize(
    ("rate", "first", "then", "since"),
    [
        (lambda k: 2 * MEANT(k % 500), "peak scaled", "warm-up repeated", 500),
        (
            lambda k: MEANT(2 * k) * (0.1 if k >= 300 else 1),
            "advanced once a process",
            "changed by hand",
            300,
        ),
    ],
)
def test_two_causes_one_after_the_other(rate, first: str, then: str, since: int):
    verdict = audit(rate)
    cause = verdict.cause
    assert (cause.name, cause.then.name, cause.then.since) == (first, then, since), str(verdict)
    assert np.allclose(verdict.rows.told, verdict.rows.logged, rtol=1e-9)
    assert f"Then:     from update {since}, {then}" in str(verdict)
    assert verdict.to_data()["cause"]["then"]["name"] == then
    assert len(verdict.plot().layout.shapes) >= 2


def test_three_changes_are_unexplained():
    steps = {300: 0.9, 500: 0.7, 700: 0.2}
    verdict = audit(lambda k: MEANT(k) * min([1, *(f for at, f in steps.items() if k >= at)]))
    assert verdict.cause is None
    assert "unexplained from step 300" in str(verdict)


def test_a_log_that_begins_at_a_resume():
    verdict = audit(lambda k: MEANT(k - 400), updates=range(400, 900, 5))
    assert (verdict.cause.name, verdict.cause.since) == ("warm-up repeated", 400)


def test_a_warm_up_to_another_peak():
    meant = gl.Linear(0.0, 1e-3, 50) >> gl.Linear(1e-3, 0.0, 950)

    def rate(k: int) -> float:
        return meant(k) if k < 400 else 8e-4 * min((k - 400) / 30, (1000 - k) / 570)

    cause = audit(rate, meant).cause
    assert (cause.name, cause.parameters) == ("rewarmed", {"since": 400, "warmup": 30})
    assert "from 0.0008" in cause.sentence


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (
            lambda k: STABLE(k) if k < 700 else 1e-3 * max(1000 - k, 0) / 300,
            "last decay begins at update 700, not at 800, and takes 300 updates",
        ),
        (
            lambda k: STABLE(k) if k < 900 else STABLE(900) * max(1200 - k, 0) / 300,
            "at update 900 its decay begins anew from 0.0005, and takes 300 updates",
        ),
    ],
)
def test_a_decay_of_another_length(rate, words: str):
    cause = audit(rate, STABLE, range(0, 1200, 5)).cause
    assert cause.name == "resumed on the old horizon"
    assert words in cause.sentence


def test_a_rate_that_is_set_below_the_floor():
    floor = 1e-5
    verdict = audit(lambda k: MEANT(k) if k < 400 else floor - (MEANT(k) - floor) / 100)
    assert "at update 400 the rate is set to" in verdict.cause.sentence


def test_each_cause_says_what_to_write_instead():
    texts = "".join(path.read_text() for path in CAUSES.glob("*.py"))
    names = {name for name in ADVICE if f'"{name}"' in texts}
    assert names == set(ADVICE)
    assert set(re.findall(r'Explanation\(\s*"([^"]+)"', texts)) <= names
    verdict = audit(lambda k: 2 * MEANT(k))
    assert "Instead:  divide the rate that the framework is given by 2" in str(verdict)
    assert verdict.to_data()["cause"]["advice"] == verdict.cause.advice
