"""What holds for every recipe: its name, its citation, its schedule's round trips, its errors."""

import copy
import inspect
import math
import pickle
import pkgutil
import re
import subprocess
import sys

import numpy as np
import pytest

import glissando as gl
from glissando.recipes import RECIPES, citation, methods, models, recipe
from glissando.recipes.arguments import Length, updates_for
from glissando.text.build import Builder, build_recipe

TEXTS = {
    "one_cycle": "one_cycle(0.1, steps=100)",
    "one_cycle_fastai": "one_cycle_fastai(0.1, steps=101, pct_start=0.3)",
    "flat_cosine": "flat_cosine(0.1, steps=101)",
    "one_cycle_torch": "one_cycle_torch(0.1, steps=101, three_phase=True)",
    "resnet50_large_batch": "resnet50_large_batch(steps_per_epoch=2, batch=1024)",
    "resnet_cifar": "resnet_cifar(warmup=40)",
    "resnet_imagenet": "resnet_imagenet(steps_per_epoch=2)",
    "wide_resnet_cifar": "wide_resnet_cifar(steps_per_epoch=1)",
    "lars": "lars(9, steps=100, warmup='5%')",
    "lamb": "lamb(batch=4_000_000, warmup=25)",
    "vit": "vit(200, warmup=20, shape='cosine')",
    "deit": "deit(steps_per_epoch=1, epochs=200)",
    "convnext": "convnext(steps_per_epoch=1, epochs=200)",
    "budgeted_linear": "budgeted_linear(0.1, steps=200)",
    "budgeted_rex": "budgeted_rex(0.1, steps=200)",
    "swa": "swa(0.1, 0.05, steps=200, start='75%')",
    "swa_cyclical": "swa_cyclical(0.05, 0.001, cycle=9)",
    "sgdr": "sgdr(0.1, first=10, cycles=3, growth=2, end=0.001)",
    "triangular": "triangular(0.001, 0.006, step_size=7)",
    "triangular2": "triangular2(0.001, 0.006, step_size=7)",
    "exp_range": "exp_range(0.001, 0.006, step_size=7, gamma=0.99)",
    "wsd": "wsd(0.001, steps=100, warmup=10, cooldown=20, end=1e-5)",
    "minicpm": "minicpm(warmup=5, tokens=100, batch=2, half_life=20)",
    "noam": "noam(512, warmup=40)",
    "t5": "t5(warmup=40)",
    "slanted_triangular": "slanted_triangular(0.004, steps=101)",
    "bert": "bert(steps=100, warmup=10)",
    "gpt3": "gpt3(batch=1, warmup_tokens=5, decay_tokens=90)",
    "chinchilla": "chinchilla(tokens=990, batch=10, warmup=5)",
    "llama": "llama(tokens=990, batch=10, warmup=5)",
    "llama3": "llama3(steps=100, warmup=5)",
    "olmo": "olmo(tokens=990, batch=10, warmup=5)",
    "olmo2": "olmo2(tokens=700, cosine_tokens=990, anneal_tokens=99, batch=10, warmup=5)",
    "nanogpt": "nanogpt(steps=100, warmup=5)",
    "warmup": "warmup(cosine(1e-3, 0, steps=90), steps=10)",
    "keras_tip.constant": "keras_tip.constant()",
    "keras_tip.time_based_decay": "keras_tip.time_based_decay()",
    "keras_tip.exponential_decay": "keras_tip.exponential_decay()",
    "keras_tip.constant_then_exponential": "keras_tip.constant_then_exponential()",
    "keras_tip.one_cycle": "keras_tip.one_cycle(sustain_epochs=3)",
}


def test_the_recipes_of_everyday_use_are_there():
    assert TEXTS.keys() <= RECIPES.keys()


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_found_by_its_name(name):
    assert name not in gl.FAMILIES  # the text form would build the family
    found = gl.recipes
    for part in name.split("."):
        found = getattr(found, part)
    assert found is RECIPES[name]


def test_every_file_of_recipes_is_listed():
    for room in (methods, models):
        for module in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            assert module.name in sys.modules, f"{module.name} is no line of {room.__name__}"


def test_dir_lists_what_users_may_use_and_nothing_else():
    names = [name for name in dir(gl.recipes) if not name.startswith("__")]
    functions = {name for name in RECIPES if "." not in name}
    assert names == sorted({*functions, "RECIPES", "citation", "keras_tip", "recipe"})


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_documents_itself(name):
    doc = inspect.getdoc(RECIPES[name])
    for section in ("Args:", "Raises:", "Example:"):
        assert f"\n{section}\n" in doc
    for argument in inspect.signature(RECIPES[name]).parameters:
        assert re.search(rf"^    {argument}: ", doc, re.M), argument


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_has_a_citation(name):
    entries = citation(name)
    assert entries
    keys = [re.match(r"@(misc|article|inproceedings)\{(\w+),\n", entry)[2] for entry in entries]
    assert len(set(keys)) == len(keys)
    for entry in entries:
        fields = dict(re.findall(r"^  (\w+) = \{(.*?)\},?$", entry, re.M | re.S))
        assert {"author", "title"} <= fields.keys()
        assert fields.keys() & {"eprint", "doi", "url"}
        assert ("eprint" in fields) == ("archivePrefix" in fields)
        assert entry.count("{") == entry.count("}")
        assert entry.endswith("\n}")


@pytest.mark.parametrize(
    ("name", "eprints"),
    [
        ("one_cycle", ["1803.09820", "1708.07120"]),
        ("one_cycle_fastai", []),
        ("one_cycle_torch", ["1912.01703"]),
        ("resnet50_large_batch", ["1706.02677"]),
        ("resnet_cifar", ["1512.03385"]),
        ("resnet_imagenet", ["1512.03385"]),
        ("wide_resnet_cifar", ["1605.07146"]),
        ("lars", ["1708.03888"]),
        ("lamb", ["1904.00962"]),
        ("vit", ["2010.11929"]),
        ("deit", ["2012.12877"]),
        ("convnext", ["2201.03545"]),
        ("budgeted_linear", ["1905.04753"]),
        ("budgeted_rex", ["2107.04197"]),
        ("swa", ["1803.05407"]),
        ("swa_cyclical", ["1803.05407"]),
        ("sgdr", ["1608.03983"]),
        ("triangular", ["1506.01186"]),
        ("triangular2", ["1506.01186"]),
        ("exp_range", ["1506.01186"]),
        ("wsd", ["2404.06395", "2405.18392"]),
        ("minicpm", ["2404.06395"]),
        ("noam", ["1706.03762"]),
        ("t5", ["1910.10683"]),
        ("slanted_triangular", ["1801.06146"]),
        ("bert", ["1810.04805"]),
        ("gpt3", ["2005.14165"]),
        ("chinchilla", ["2203.15556", "2112.11446"]),
        ("llama", ["2302.13971"]),
        ("llama3", ["2407.21783"]),
        ("olmo", ["2402.00838"]),
        ("olmo2", ["2501.00656"]),
        ("nanogpt", []),
        ("warmup", ["1706.02677"]),
        ("keras_tip.constant", []),
    ],
)
def test_a_citation_names_the_papers(name, eprints):
    assert re.findall(r"eprint = \{([\d.]+)\}", "\n".join(citation(name))) == eprints


def test_the_tip_and_the_source_of_its_one_cycle_are_cited():
    (tip,) = citation("keras_tip.constant")
    assert "Learning Rate Scheduling with Callbacks" in tip
    notebook, same = citation("keras_tip.one_cycle")
    assert same == tip
    assert "GoogleCloudPlatform/training-data-analyst" in notebook


def test_fastai_is_cited_by_its_doi():
    for name in ("one_cycle_fastai", "flat_cosine"):
        (paper,) = citation(name)
        assert "doi = {10.3390/info11020108}" in paper


def test_no_recipe_needs_a_dialect():
    code = "import sys, glissando.recipes; print([m for m in sys.modules if 'dialects' in m])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


def test_the_citation_of_nothing_suggests_a_name():
    with pytest.raises(gl.ScheduleError, match=r"'sgd'; did you mean 'sgdr'\?"):
        citation("sgd")


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_recipe_round_trips(text):
    rate = gl.parse(text)
    steps = np.arange(250)
    curve = [rate(int(t)) for t in steps]
    forms = {
        "repr": eval(repr(rate), {"gl": gl}),
        "text": gl.parse(str(rate)),
        "json": gl.loads(gl.dumps(rate)),
        "pickle": pickle.loads(pickle.dumps(rate)),
        "copy": copy.deepcopy(rate),
    }
    for form, same in forms.items():
        assert same == rate, form
        assert [same(int(t)) for t in steps] == curve, form
    np.testing.assert_allclose(rate(steps), curve, rtol=0, atol=4 * np.spacing(rate.bound()))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_recipe_never_leaves_its_range(text):
    rate = gl.parse(text)
    for step in (0, 1, 2**31, 2**53):
        assert 0 <= rate(step) <= rate.bound() * (1 + 1e-15)


def test_the_text_form_takes_arguments_by_place_and_by_name():
    assert gl.parse("one_cycle(0.1, 100)") == gl.recipes.one_cycle(0.1, 100)
    assert gl.parse("noam") == gl.recipes.noam(d_model=512, warmup=4000)
    assert gl.parse("sgdr(0.1, 5, cycles=inf)") == gl.recipes.sgdr(0.1, 5, math.inf)
    assert gl.parse("warmup(wsd(1, 9, 2, 3), 4) * 0.5") == (
        gl.recipes.warmup(gl.recipes.wsd(1.0, 9, 2, 3), 4) * 0.5
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wsd(1, 2, 3)", "wsd: missing a required argument: 'cooldown'; write wsd(peak: float, "),
        ("sgdr(1, 2, 3, 4, 5, 6)", "sgdr: too many positional arguments; write sgdr(peak"),
        ("noam(width=3)", "noam: got an unexpected keyword argument 'width'; write noam(d_model"),
        ("one_cycl(0.1, steps=10)", "did you mean 'one_cycle'?"),
        ("keras_tip.two_cycle()", "did you mean 'keras_tip.one_cycle'?"),
        ("triangular(-1, 1, 5)", "triangular: `base` must be 0 or more, got -1"),
    ],
)
def test_bad_text_says_what_to_write(text, message):
    with pytest.raises(gl.ScheduleError) as caught:
        gl.parse(text)
    assert message in str(caught.value)


def test_a_bad_call_in_python_is_a_type_error_as_of_any_function():
    with pytest.raises(TypeError, match=r"wsd: missing a required argument: 'steps'; write wsd\("):
        gl.recipes.wsd(1.0)
    with pytest.raises(gl.ScheduleError, match="wsd: missing a required argument: 'steps'"):
        build_recipe("wsd", [1.0], {}, Builder(None).counted)


def test_numpy_numbers_and_whole_floats_are_accepted():
    assert gl.recipes.one_cycle(np.float64(0.1), steps=1e3) == gl.recipes.one_cycle(0.1, 1000)
    assert gl.recipes.triangular(0, np.float32(0.5), np.int64(8)) == (
        gl.recipes.triangular(0.0, 0.5, 8)
    )


@pytest.mark.parametrize(("tokens", "batch"), [(1000, 10), (1000, 7), (7, 10), (1, 1)])
def test_tokens_are_rounded_up_to_updates(tokens, batch):
    steps = updates_for(tokens, batch)
    assert (steps - 1) * batch < tokens <= steps * batch


@pytest.fixture
def half():
    @recipe("half")
    def half(peak: gl.rules.Rate, steps: gl.rules.Steps = 10, flat: Length = 2) -> gl.Schedule:
        """Fall to half."""
        if flat >= steps:
            raise gl.ScheduleError(f"`flat` must be below `steps`, got {flat} of {steps}")
        return gl.Constant(peak, flat) >> gl.Linear(peak, peak / 2, steps - flat)

    yield half
    del RECIPES["half"]


def test_a_recipe_of_ones_own_is_one_decorated_function(half):
    made = gl.Constant(1.0, 2) >> gl.Linear(1.0, 0.5, 8)
    assert gl.parse("half(1)") == half(1.0) == half(1.0, flat="20%") == made
    assert gl.parse("half(1, flat=20%)") == half(1.0, 10, gl.duration("2 steps")) == made
    assert str(inspect.signature(half)) == "(peak: float, steps: int = 10, flat: int | str = 2)"
    assert citation("half") == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "`steps` must be 1 or more, got 0"),
        ({"steps": 0, "flat": "20%"}, "`steps` must be 1 or more, got 0"),
        ({"steps": 2}, "`flat` must be below `steps`, got 2 of 2"),
        ({"flat": "lots"}, "`flat`: cannot read 'lots'; write it with its unit"),
    ],
)
def test_its_errors_begin_with_its_name(half, arguments, message):
    with pytest.raises(gl.ScheduleError) as caught:
        half(1.0, **arguments)
    assert str(caught.value).startswith(f"half: {message}")
