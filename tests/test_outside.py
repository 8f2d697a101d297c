"""What writers that know nothing of values make of them: the form with its type, or an error."""

import copy
import dataclasses
import json
import pickle
import pprint
from typing import Any

import pydantic
import pytest
import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException
from pydantic.errors import PydanticSchemaGenerationError
from pydantic_core import PydanticSerializationError

import glissando as gl

RATE = gl.Linear(0.0, 1e-3, steps=5) >> gl.Cosine(1e-3, 1e-5, steps=95).clip(floor=1e-4)
PLATEAU = gl.Plateau("keras", factor=0.5)
VALUES = {
    type(value).__name__: value
    for value in (
        RATE,
        gl.Cosine(1e-3, 1e-5, steps=95),
        PLATEAU,
        PLATEAU.init(),
        gl.Greedy(),
        gl.Greedy().init(),
        PLATEAU.on(RATE),
        gl.duration("3%"),
        gl.plan(steps=3),
        gl.lint(gl.Linear(0.0, 1.0, steps=3))[0],
    )
}

every_value = pytest.mark.parametrize("value", VALUES.values(), ids=list(VALUES))


@dataclasses.dataclass
class Config:
    """A user's own, as many of them are."""

    name: str
    value: Any


@every_value
def test_dataclasses(value):
    assert not dataclasses.is_dataclass(value)
    assert not dataclasses.is_dataclass(type(value))
    for function in (dataclasses.asdict, dataclasses.astuple, dataclasses.fields):
        with pytest.raises(TypeError):
            function(value)
    assert dataclasses.asdict(Config("mine", value)) == {"name": "mine", "value": value}
    assert dataclasses.astuple(Config("mine", [value])) == ("mine", [value])


@every_value
def test_json(value):
    config = {"name": "mine", "value": value}
    with pytest.raises(TypeError, match="not JSON serializable"):
        json.dumps(config)
    written = json.loads(json.dumps(config, default=lambda value: value.to_data()))["value"]
    assert written == value.to_data()
    if type(value).tag:
        assert written["type"] == type(value).tag
    if isinstance(value, gl.Schedule):
        assert gl.from_data(written) == value
        assert gl.parse(json.loads(json.dumps(config, default=str))["value"]) == value


@every_value
def test_vars_of_a_value_have_its_type(value):
    assert vars(value).get("type", "") == type(value).tag

    def check(data):
        """A dictionary with rates in it says which family they are of."""
        for each in data.values() if isinstance(data, dict) else data:
            if isinstance(each, dict | list):
                check(each)
        if isinstance(data, dict) and {"start", "schedule", "parts", "patience"} & set(data):
            assert data["type"] in {*gl.FAMILIES, "plateau", "greedy", "on_plateau"}

    check(json.loads(json.dumps({"value": value}, default=vars)))


@every_value
def test_yaml(value):
    with pytest.raises(yaml.representer.RepresenterError):
        yaml.safe_dump({"value": value})
    assert yaml.unsafe_load(yaml.dump({"value": value})) == {"value": value}


@every_value
def test_copies_pickles_and_prints(value):
    config = Config("mine", [value])
    for other in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert other == value
        assert type(other) is type(value)
    assert copy.deepcopy(config) == pickle.loads(pickle.dumps(config)) == config
    assert pprint.pformat(value, width=10_000) == repr(value)
    assert eval(repr(value), {"gl": gl}) == value


@every_value
def test_omegaconf_refuses(value):
    for make in (
        lambda: OmegaConf.create({"value": value}),
        lambda: OmegaConf.structured(value),
        lambda: OmegaConf.structured(Config("mine", value)),
    ):
        with pytest.raises(OmegaConfBaseException):
            make()
    data = OmegaConf.create({"value": value.to_data()})
    assert OmegaConf.to_container(data)["value"] == value.to_data()


class Run(pydantic.BaseModel):
    rate: gl.Schedule
    decay: gl.Cosine | None = None
    others: dict[str, gl.Schedule] = {}


@pytest.mark.parametrize("given", [RATE, str(RATE), RATE.to_data()], ids=["value", "text", "data"])
def test_pydantic_reads_a_schedule_and_its_forms(given):
    run = Run(rate=given, others={"momentum": given})
    assert run.rate == run.others["momentum"] == RATE
    assert Run.model_validate(run) == Run.model_validate(run.model_dump()) == run


def test_pydantic_writes_the_json_form():
    run = Run(rate=RATE, decay=gl.Cosine(1.0, 0.0, steps=3))
    assert run.model_dump(mode="json") == {
        "rate": RATE.to_data(),
        "decay": {"type": "cosine", "start": 1.0, "end": 0.0, "steps": 3},
        "others": {},
    }
    assert Run.model_validate_json(run.model_dump_json()) == run
    assert run.model_dump() == {"rate": RATE, "decay": run.decay, "others": {}}
    assert run.model_copy(deep=True) == run
    field = Run.model_json_schema()["properties"]["rate"]
    assert [each["type"] for each in field["anyOf"]] == ["object", "string"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"rate": 0.1}, "must be a gl.Schedule, its JSON form or its text form, got 0.1"),
        ({"rate": "linear(1, 0)"}, "Linear: `steps` is missing"),
        ({"rate": {"start": 1}}, "schedule must have a `type`"),
        ({"rate": {"type": "cosin"}}, "did you mean 'cosine'?"),
        ({"rate": RATE, "decay": gl.Constant(0.1)}, "must be a gl.Cosine"),
        ({"rate": {"type": "imported", "function": "os:getpid"}}, "allow_imports"),
    ],
    ids=str,
)
def test_pydantic_refuses(fields, message):
    with pytest.raises(pydantic.ValidationError) as refused:
        Run(**fields)
    assert message in str(refused.value)


def test_pydantic_writes_no_function():
    run = Run(rate=gl.schedule(lambda step: 0.1))
    with pytest.raises(PydanticSerializationError, match="a function of your own"):
        run.model_dump_json()


@pytest.mark.parametrize(
    "value",
    [value for value in VALUES.values() if not isinstance(value, gl.Schedule)],
    ids=lambda value: type(value).__name__,
)
def test_pydantic_refuses_other_values(value):
    with pytest.raises(PydanticSchemaGenerationError):
        pydantic.create_model("Model", value=(type(value), ...))
    model = pydantic.create_model("Model", value=(Any, ...))
    with pytest.raises(PydanticSerializationError):
        model(value=value).model_dump(mode="json")


def test_lightning_logs_whole_values(tmp_path):
    import lightning.pytorch
    from lightning.fabric.utilities.logger import _convert_params, _flatten_dict, _sanitize_params
    from lightning.pytorch.loggers import CSVLogger

    class Module(lightning.pytorch.LightningModule):
        def __init__(self, rate, plateau):
            super().__init__()
            self.save_hyperparameters()

    hyperparameters = Module(RATE, PLATEAU).hparams
    logger = CSVLogger(tmp_path)
    logger.log_hyperparams(hyperparameters)
    logger.save()
    (written,) = tmp_path.rglob("hparams.yaml")
    assert yaml.unsafe_load(written.read_text()) == {"rate": RATE, "plateau": PLATEAU}
    # what TensorBoard gets
    shown = _sanitize_params(_flatten_dict(_convert_params(dict(hyperparameters))))
    assert shown == {"rate": str(RATE), "plateau": str(PLATEAU)}


def test_transformers_arguments_keep_whole_values(tmp_path):
    import transformers

    @dataclasses.dataclass
    class Arguments(transformers.TrainingArguments):
        rate: gl.Schedule = RATE

    arguments = Arguments(output_dir=str(tmp_path), report_to=[], use_cpu=True)
    assert arguments.to_dict()["rate"] == RATE
    assert gl.parse(arguments.to_sanitized_dict()["rate"]) == RATE
    with pytest.raises(TypeError, match="not JSON serializable"):
        arguments.to_json_string()
