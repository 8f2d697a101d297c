"""The work and the memory that a text takes are bounded by its length, and nothing else escapes."""

import contextlib
import json
import subprocess
import sys
import tracemalloc

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glissando as gl
import strategies
from glissando.text import json_schema

DIGITS = "9" * 5_000


def calls(work):
    """Return how many calls of Python functions some work takes."""
    counted = 0

    def count(frame, event, argument):
        nonlocal counted
        counted += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


def read(text):
    with contextlib.suppress(gl.ScheduleError):
        gl.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        lambda n: "linear(0, 1, 5)" + " + linear(0, 1, 5)" * n,
        lambda n: "linear(0, 1, 5)" + " + 1" * n,
        lambda n: "linear(0, 1, 5)" + " * linear(0, 1, 5)" * n,
        lambda n: "linear(0, 1, 5)" + " >> linear(0, 1, 5)" * n,
        lambda n: "chain([" + "linear(start=0, end=1, steps=2), " * n + "])",
        lambda n: "imported('a:b', {" + "".join(f"'a{i}': 1, " for i in range(n)) + "'a0': 2})",
        lambda n: "a." * n,
        lambda n: "(" * n,
    ],
    ids=["sums", "numbers", "products", "chain", "names", "repeated", "dots", "deep"],
)
def test_a_text_twice_as_long_takes_twice_the_calls(text):
    read(text(10))
    few, many = (calls(lambda n=n: read(text(n))) for n in (300, 600))
    assert many < 2.2 * few + 500


def test_names_are_not_looked_for_in_copies_of_the_rest():
    text = "chain([" + "linear(start=0, end=1, steps=2), " * 4_000 + "])"
    tracemalloc.start()
    gl.parse(text)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 40 * len(text) + 2**20 * 8


def test_a_field_that_is_repeated_after_many_others_is_found_at_once():
    class Field(str):
        compared = 0
        __hash__ = str.__hash__

        def __eq__(self, other):
            Field.compared += 1
            return str.__eq__(self, other)

    from glissando.text.formats import _unique

    with pytest.raises(gl.ScheduleError, match="field 'a0' is given twice"):
        _unique([(Field(f"a{i}"), 1) for i in range(3_000)] + [(Field("a0"), 2)])
    assert Field.compared < 10_000


HOSTILE = {
    "dots.toml": ".".join("a" * 50_000) + " = 1",
    "quoted dots.toml": " . ".join(['"a=\\""'] * 20_000) + " = 1",
    "header.toml": f"[{'.'.join('a' * 50_000)}]",
    "inline.toml": f"x = {{{'.'.join('a' * 50_000)} = 1}}",
    "quotes.toml": '"' * 200_000,
    "escapes.toml": 'x = "' + '\\"' * 200_000,
    "digits.toml": f"x = {'1' * 200_000}",
    "digits.json": "1" * 1_000_000,
    "deep.json": "[" * 1_000_000,
    "deep.yaml": "[" * 1_000_000,
    "keys.yaml": "? " * 500_000,
    "base 60.yaml": "type: constant\nvalue: 1" + ":1" * 200_000,
    "laughs.yaml": "a0: &a0 [x, x]\n"
    + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)),
    "merges.yaml": "a0: &a0 {x: 1}\n"
    + "".join(f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 5_000)),
    "long.yaml": "#" * (5 * 2**20),
    "long.toml": "#" * (5 * 2**20),
    "long.json": " " * (65 * 2**20),
}


def test_hostile_files_take_little_memory(tmp_path):
    for name, text in HOSTILE.items():
        (tmp_path / name).write_text(text)
    code = (
        "import resource, sys, glissando as gl\n"
        "resource.setrlimit(resource.RLIMIT_AS, (600 * 2**20,) * 2)\n"
        "resource.setrlimit(resource.RLIMIT_CPU, (200, 200))\n"
        "for path in sys.argv[1:]:\n"
        "    for key in (None, 'a59', 'a4999'):\n"
        "        try: gl.load(path, key=key)\n"
        "        except gl.ScheduleError as error: print(str(error)[:200])\n"
    )
    paths = [tmp_path / name for name in HOSTILE]
    done = subprocess.run(
        [sys.executable, "-c", code, *paths], capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout.splitlines()) == 3 * len(HOSTILE)
    for kind, limit in {"YAML": 4, "TOML": 4, "JSON": 64}.items():
        assert f"a file of {kind} may have {limit} MiB, got more" in done.stdout


def test_what_could_not_be_loaded_is_not_saved(tmp_path):
    rate = gl.Table([0.123456789] * 200_000, range(200_000))
    with pytest.raises(gl.ScheduleError, match="TOML may have 4 MiB, got more; JSON may be longer"):
        gl.save(rate, tmp_path / "rate.toml")
    gl.save(rate, tmp_path / "rate.json")
    assert gl.load(tmp_path / "rate.json") == rate
    assert [path.name for path in tmp_path.iterdir()] == ["rate.json"]


def test_the_json_schema_is_checked_once_a_schedule_and_not_once_a_family():
    schema = json_schema()
    Validator = jsonschema.validators.validator_for(schema)  # noqa: N806  # it is a class
    looked = 0

    def ref(validator, reference, instance, schema):
        nonlocal looked
        looked += 1
        yield from Validator.VALIDATORS["$ref"](validator, reference, instance, schema)

    validator = jsonschema.validators.extend(Validator, {"$ref": ref})(schema)
    good = {"type": "constant", "value": 1}
    bad = {"type": "constant", "value": -1}
    for _ in range(30):
        good = {"type": "chain", "parts": [good]}
        bad = {"type": "scale", "factor": 1, "schedule": bad}
    assert validator.is_valid(good)
    assert len(list(validator.iter_errors(bad))) == 1
    assert looked < 300


@pytest.mark.parametrize(
    "text",
    [
        f"linear(0, 1, {DIGITS})",
        f"linear(0, {DIGITS}, 5)",
        f"linear(0, 1, {DIGITS}%)",
        f"linear(0, 1, '{DIGITS}%')",
        f"linear(0, 1, '0.{DIGITS}%')",
        f"linear(0, 1, {DIGITS} epochs)",
        f"linear(0, 1, 5) * {DIGITS}",
        f"linear(0, 1, 5) + {DIGITS}",
        f"linear(0, 1, 5).take({DIGITS})",
        "a" * 100_000,
        "linear(" + "a" * 100_000 + "=1)",
        "torch.StepLR(" + "a" * 100_000 + "=1)",
        "'" + "a" * 100_000 + "'",
        "linear(0, 1, '" + "a" * 100_000 + "')",
        "imported('" + "a" * 100_000 + ":b')",
        "wsd(1, 10, 2, 3, shape='" + "a" * 100_000 + "')",
        "[" + "linear(0, 1, 5), " * 1_000 + "]",
        "linear(0, 1, 5) >> [" + "1, " * 1_000 + "]",
    ],
    ids=lambda text: text[:30],
)
def test_messages_are_short_whatever_they_quote(text):
    for given_plan in (None, gl.plan(steps=100)):
        with pytest.raises(gl.ScheduleError) as caught:
            gl.parse(text, given_plan)
        assert len(str(caught.value)) < 500


@pytest.mark.parametrize("length", [100, 300, 600, 5_000])
def test_a_value_of_any_depth_is_refused(tmp_path, length):
    path = tmp_path / "deep.json"
    for text in (
        "[" * length + "]" * length,
        '{"type": "constant", "value": ' + "[" * length + "]" * length + "}",
        '{"a": ' * length + "1" + "}" * length,
    ):
        path.write_text(text)
        for key in (None, "value", "a.a"):
            with pytest.raises(gl.ScheduleError):
                gl.load(path, key=key)


CHUNKS = [
    *"01-+*.,:=()[]{}'\"\\%#&!?|>~@\n\t\0é\u2028",
    *(">>", "1e400", DIGITS, "3%", "rest", "inf", "None", "0100", "1:30", "!!int ''", "!!map"),
    *("*a", "&a ", "<<: ", "? [1]", "- ", "---\n", "\\x", "\\ud800", "type", "parts", "torch."),
    *("(" * 80, "[" * 80, "{" * 80, "null", "true", "[[", '"""', "gl.", "lambda: 1", "__class__"),
]


@st.composite
def mutated(draw, texts):
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 4))):
        begin, length = draw(st.integers(0, len(text))), draw(st.sampled_from([0, 1, 2, 9]))
        text = text[:begin] + draw(st.sampled_from(["", *CHUNKS])) + text[begin + length :]
    return text


RATES = [
    (gl.Linear(0.0, 1e-3, steps=500) >> gl.Cosine(1e-3, 1e-5, steps=9_500)).repeat(3).clip(0.1),
    gl.Piecewise([1, 0.5], [3]) * gl.Constant(2),
    gl.Imported("math:fabs", steps=9) + gl.Minimum([gl.Constant(0.5), gl.Table([1, 2], [0, 5])]),
]


def written(suffix, folder):
    paths = [folder / f"{i}{suffix}" for i in range(len(RATES))]
    for rate, path in zip(RATES, paths, strict=True):
        gl.save(rate, path)
    return [path.read_text() for path in paths]


def same_or_refused(read):
    """Read something: it is refused by the one error, or is a schedule that all forms hold."""
    told = ""
    try:
        schedule = read()
    except gl.ScheduleError as error:
        told = str(error)
    else:
        assert gl.parse(str(schedule), allow_imports=["math"]) == schedule
    assert "\n" not in told
    assert len(told) < 1_000


@strategies.examples(200)
@given(text=mutated([*map(str, RATES), "torch.OneCycleLR(1e-3, 9)", "wsd(1, 10, 2, cooldown=4)"]))
def test_no_mutated_text_escapes(text):
    same_or_refused(lambda: gl.parse(text, gl.plan(steps=100), ["math"]))


@pytest.mark.parametrize("suffix", [".json", ".yaml", ".toml"])
def test_no_mutated_file_escapes(tmp_path_factory, suffix):
    folder = tmp_path_factory.mktemp("mutated")

    @strategies.examples(100)
    @given(
        text=mutated(written(suffix, folder)), key=st.sampled_from([None, "parts.0", "schedule"])
    )
    def look(text, key):
        path = folder / f"mutated{suffix}"
        path.write_text(text)
        same_or_refused(lambda: gl.load(path, gl.plan(steps=100), ["math"], key))

    look()


def test_json_that_is_no_text_is_told():
    for data in (None, 3, ["{}"]):
        with pytest.raises(gl.ScheduleError, match="loads: `text` must be a string, got"):
            gl.loads(data)
    assert gl.loads(json.dumps(gl.Constant(1).to_data()).encode()) == gl.Constant(1)
