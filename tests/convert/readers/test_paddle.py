"""PaddleDetection's and PaddleOCR's files, against the tables and classes that they build."""

import math

import pytest

from glissando.errors import ScheduleError

DETECTION = """
epoch: 12

LearningRate:
  base_lr: 0.01
  schedulers:
  - !PiecewiseDecay
    gamma: 0.1
    milestones: [8, 11]
  - !LinearWarmup
    start_factor: 0.1
    steps: 1000

OptimizerBuilder:
  optimizer:
    momentum: 0.9
    type: Momentum
"""

YOLOX = """
epoch: 30
LearningRate:
  base_lr: 0.01
  schedulers:
  - name: CosineDecay
    max_epochs: 30
    min_lr_ratio: 0.05
    last_plateau_epochs: 5
  - name: ExpWarmup
    epochs: 5
"""

OCR = """
Global:
  use_gpu: true
  epoch_num: 50
Optimizer:
  name: Adam
  beta1: 0.9
  lr:
    name: Cosine
    learning_rate: 0.001
    warmup_epoch: 2.5
"""


def test_milestones_and_a_warmup(used, agree):
    with pytest.raises(ScheduleError, match="paddle: the file does not say `steps_per_epoch`"):
        used("optimizer_1x.yml", DETECTION)
    rate = used("optimizer_1x.yml", DETECTION, steps_per_epoch=500)

    def stairs(k):
        if k < 1000:
            return 0.01 * (0.1 * (1 - k / 1000) + k / 1000)
        return 0.01 * (1 if k < 4000 else 0.1 if k < 5500 else 0.01)

    agree(rate, stairs, [*range(0, 1010, 9), 999, 1000, 3999, 4000, 5499, 5500, 6000])


def test_bases_are_read_where_they_are(used):
    used("_base_/optimizer_1x.yml", DETECTION, steps_per_epoch=500)
    text = "_BASE_: [_base_/optimizer_1x.yml]\nepoch: 24\nLearningRate:\n  base_lr: 0.02\n"
    assert used("faster_rcnn.yml", text, steps_per_epoch=500)(4000) == 0.002
    with pytest.raises(ScheduleError, match=r"paddle: `_BASE_` names '\.\./gone\.yml'"):
        used("x.yml", "_BASE_: [../gone.yml]\n", steps_per_epoch=500)


def test_one_gamma_is_a_tenth_of_itself_at_each_more(used):
    rate = used("a.yml", DETECTION.replace("gamma: 0.1", "gamma: 0.5"), steps_per_epoch=500)
    assert (rate(4000), rate(5500)) == (0.005, 0.0005)


def test_a_milestone_inside_the_warmup(used):
    rate = used("a.yml", DETECTION, steps_per_epoch=100)
    assert rate(999) == pytest.approx(0.01 * (0.1 / 1000 + 0.999))
    assert rate(1000) == 0.001
    assert rate(1100) == pytest.approx(0.0001)


def test_a_cosine_between_a_square_and_a_plateau(used, agree):
    rate = used("yolox.yml", YOLOX, steps_per_epoch=20)

    def yolox(k):
        if k < 100:
            return 0.01 * (k / 100) ** 2
        if k >= 500:
            return 0.0005
        return 0.0005 + 0.0095 * 0.5 * (math.cos((k - 100) * math.pi / 400) + 1)

    agree(rate, yolox, range(700))


def test_the_last_rate_of_the_table_holds(used):
    text = YOLOX.replace("    last_plateau_epochs: 5\n", "")
    rate = used("a.yml", text, steps_per_epoch=20)
    assert rate(599) == rate(600) == rate(10_000) > 0.0005


def test_ocr_begins_its_cosine_after_the_warmup_and_does_not_end_it(used, agree):
    rate = used("rec.yml", OCR, steps_per_epoch=10)

    def cosine(k):
        if k < 25:
            return 0.001 * k / 25
        return 0.001 * 0.5 * (1 + math.cos(math.pi * (k - 25) / 500))

    agree(rate, cosine, range(500))
    assert rate(499) > 0


@pytest.mark.parametrize(
    ("part", "formula"),
    [
        ("name: Const", lambda k: 0.001),
        ("name: Linear\n    end_lr: 1e-5", lambda k: 0.00099 * (1 - k / 500) + 1e-5),
        ("name: Step\n    step_size: 20\n    gamma: 0.5", lambda k: 0.001 * 0.5 ** (k // 200)),
        (
            "name: MultiStepDecay\n    milestones: [10, 30]\n    gamma: 0.1",
            lambda k: 0.001 * 0.1 ** ((k >= 100) + (k >= 300)),
        ),
        ("name: DecayLearningRate\n    end_lr: 1", lambda k: 0.001 * (1 - k / 500) ** 0.9),
    ],
)
def test_ocrs_others(used, agree, part, formula):
    text = OCR.replace("name: Cosine", part).replace("warmup_epoch: 2.5", "warmup_epoch: 0")
    agree(used("a.yml", text, steps_per_epoch=10), formula, range(500))


def test_values_for_epochs(used):
    text = OCR.replace(
        "name: Cosine\n    learning_rate: 0.001",
        "name: Piecewise\n    decay_epochs: [5]\n    values: [0.1, 0.01]",
    )
    rate = used("a.yml", text.replace("warmup_epoch: 2.5", "warmup_epoch: 0"), steps_per_epoch=10)
    assert (rate(49), rate(50)) == (0.1, 0.01)


def test_code_of_its_own_is_refused(used):
    with pytest.raises(ScheduleError, match="must be one that is read, Const, Cosine"):
        used("a.yml", OCR.replace("name: Cosine", "name: OwnCosine"), steps_per_epoch=10)
