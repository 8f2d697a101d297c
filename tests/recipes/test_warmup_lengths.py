"""Recipes that begin with a warm-up: one as long as the run, and one that is longer."""

import pytest

import glissando as gl

LONGEST = {  # each `{}` is the length of the warm-up, and the run has 5 steps
    "chinchilla(tokens=5, batch=1, peak=1, warmup={})": gl.Linear(1e-7, 1.0, 5),
    "convnext(1, base=1, epochs=5, warmup_epochs={})": gl.Linear(0.0, 1.0, 5),
    "gpt3(peak=1, batch=1, warmup_tokens={}, decay_tokens=5)": gl.Linear(0.0, 1.0, 5),
    "lamb(batch=32768, sequences=163840, warmup={})": gl.Linear(0.0, 0.005, 5),
    "lars(1, steps=5, warmup={})": gl.Linear(0.0, 1.0, 5),
    "llama(tokens=5, batch=1, peak=1, warmup={})": gl.Linear(0.0, 1.0, 5),
    "llama3(peak=1, steps=5, warmup={})": gl.Linear(0.0, 1.0, 5),
    "minicpm({}, peak=1, tokens=5, batch=1, half_life=3)": (
        gl.Linear(0.0, 1.0, 5) >> gl.Geometric(1.0, 0.5, every=3)
    ),
    "nanogpt(peak=1, steps=5, warmup={})": gl.Linear(1 / 6, 1.0, 5),
    "olmo(tokens=5, batch=1, peak=1, warmup={})": gl.Linear(0.1, 1.0, 5),
    "olmo2(5, 9, 4, batch=1, peak=1, warmup={})": gl.Linear(0.0, 1.0, 5) >> gl.Linear(1.0, 0.0, 4),
    "vit(steps=5, peak=1, warmup={})": gl.Linear(0.0, 1.0, 5),
}


@pytest.mark.parametrize(("text", "rate"), LONGEST.items(), ids=LONGEST)
def test_a_warm_up_as_long_as_the_run_has_no_decay_in_it(text, rate):
    made = gl.parse(text.format(5))
    steps = range(12)
    assert [made(t) for t in steps] == [rate(t) for t in steps]
    assert made.steps == rate.steps


@pytest.mark.parametrize("text", [text for text in LONGEST if not text.startswith("olmo2")])
def test_a_longer_one_is_asked_about(text):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text.format(6))
    recipe, family, problem = str(caught.value).split(": ")
    assert text.startswith(f"{recipe}(")
    assert family in ("Constant", "Cosine", "Linear", "Polynomial")
    assert problem == "`steps` must be 0 or more, got -1; is the warm-up longer than the run?"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bert(steps=5, warmup=5)", "bert: `warmup` must be below `steps`, got 5 of 5"),
        ("bert(steps=5, warmup=6)", "bert: `warmup` must be below `steps`, got 6 of 5"),
        (
            "deit(9, epochs=5, warmup_epochs=5)",
            "deit: `warmup_epochs` must be below `epochs`, got 5 of 5",
        ),
        (
            "deit(9, epochs=5, warmup_epochs=6)",
            "deit: `warmup_epochs` must be below `epochs`, got 6 of 5",
        ),
        (
            "olmo2(5, 9, 4, batch=1, warmup=6)",
            "olmo2: `warmup` must be at most the 5 steps that see `tokens`, got 6",
        ),
    ],
)
def test_where_no_part_would_be_too_short_the_recipe_itself_says_so(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text)
    assert str(caught.value) == message
