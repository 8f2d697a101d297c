"""The pictures that are committed are those that the code draws."""

import struct

import pytest

from docs import draw


def test_what_each_policy_does_is_drawn_as_it_is() -> None:
    assert (draw.PICTURES / "on_mismatch.svg").read_bytes() == draw.mismatches()


@pytest.mark.parametrize(
    ("policy", "rate", "ended"),
    [
        ("keep", draw.SAVED(draw.RESUMED), 100),
        ("replace", draw.NEW(draw.RESUMED), 200),
        ("continue", draw.SAVED(draw.RESUMED), 200),
        ("rewarm", draw.NEW(0), 260),
    ],
)
def test_the_picture_is_described_as_it_is(policy: str, rate: float, ended: int) -> None:
    rates = draw.rates_of(300, policy)
    assert rates[: draw.RESUMED] == [draw.SAVED(step) for step in range(draw.RESUMED)]
    assert rates[draw.RESUMED] == pytest.approx(rate, rel=1e-12)
    assert min(rates[draw.RESUMED + 1 : ended]) > 1e-6
    assert set(rates[ended:]) == {0.0}


def test_the_picture_of_the_designer_fits_a_page() -> None:
    picture = (draw.PICTURES / "designer.png").read_bytes()
    assert struct.unpack(">II", picture[16:24]) == (1200, 800)
    assert len(picture) < 150_000
