"""The files of PaddleClas and PaddleSeg, and more of PaddleOCR's, against their classes."""

import math

import pytest

from glissando.errors import ScheduleError

CLAS = """
Global:
  epochs: 50
Optimizer:
  name: Momentum
  lr: {LR}
"""
SEG = """
iters: 400
lr_scheduler:
  type: PolynomialDecay
  learning_rate: 0.01
  power: 0.9
"""
OCR = """
Global: {epoch_num: 50}
Optimizer: {name: Adam, lr: {LR}}
"""


def clas(text):
    return CLAS.replace("{LR}", "{" + text + "}")


def half(fraction):
    return (1 + math.cos(math.pi * fraction)) / 2


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        (
            "name: Cosine, learning_rate: .1, warmup_epoch: 5, warmup_start_lr: .01, eta_min: 1e-3",
            lambda k: 0.01 + 0.09 * k / 50 if k < 50 else 1e-3 + 0.099 * half((k - 50) / 450),
        ),
        (
            "name: Linear, learning_rate: 0.1, end_lr: 0.01, power: 2, warmup_epoch: 2",
            lambda k: 0.1 * k / 20 if k < 20 else 0.01 + 0.09 * max(0, 1 - (k - 20) / 480) ** 2,
        ),
        (
            "name: Step, learning_rate: 0.1, step_size: 2.45, gamma: 0.5",
            lambda k: 0.1 * 0.5 ** (k // 24),
        ),
        (
            "name: Piecewise, learning_rate: 0.1, decay_epochs: [1], values: [9, 8]",
            lambda k: 0.1 if k < 300 else 0.01,
        ),
        (
            "name: Piecewise, decay_epochs: [20, 40], values: [0.1, 0.02, 0.01], warmup_epoch: 3",
            lambda k: 0.1 * k / 30 if k < 30 else 0.1 if k < 230 else 0.02 if k < 430 else 0.01,
        ),
        (
            "name: MultiStepDecay, learning_rate: 0.1, milestones: [10, 30], gamma: 0.5",
            lambda k: 0.1 * 0.5 ** ((k >= 100) + (k >= 300)),
        ),
        (
            "name: CosineFixmatch, learning_rate: 0.03, num_warmup_steps: 20, warmup_epoch: 5",
            lambda k: 0.03 * (k / 20 if k < 20 else math.cos(7 / 16 * math.pi * (k - 20) / 480)),
        ),
        ("name: ConstLR, learning_rate: 0.2", lambda k: 0.2),
        ("learning_rate: 0.3", lambda k: 0.3),
    ],
)
def test_the_classes_of_paddleclas(used, agree, text, formula):
    agree(used("a.yaml", clas(text), steps_per_epoch=10), formula, range(500))


def test_what_falls_by_epochs_and_has_taken_a_step_already(used, agree):
    text = "name: Piecewise, decay_epochs: [40], values: [0.1, 0.01], by_epoch: True"
    agree(used("a.yaml", clas(text), steps_per_epoch=10), lambda k: 0.1 if k < 400 else 0.01)
    rate = used("a.yaml", clas(text + ", last_epoch: 0"), steps_per_epoch=10)
    assert [rate(k) for k in (389, 390)] == [0.1, 0.01]
    with pytest.raises(ScheduleError, match=r"paddle: `Optimizer\.lr\.last_epoch` is 9: the sched"):
        used("a.yaml", clas(text + ", last_epoch: 9"), steps_per_epoch=10)


def test_iterations_of_which_several_make_an_update_are_in_the_file(used):
    text = clas("name: Cosine, learning_rate: 0.1")
    with pytest.raises(ScheduleError, match="paddle: the file does not say `steps_per_epoch`"):
        used("a.yaml", text)
    told = text.replace("epochs: 50", "epochs: 50\n  iter_per_epoch: 43\n  update_freq: 4")
    assert used("a.yaml", told) == used("b.yaml", text, steps_per_epoch=10)


def test_several_optimizers_ask_for_one(used):
    text = """
Global: {epochs: 9}
Optimizer:
  - Adam: {scope: RecModel, lr: {name: ConstLR, learning_rate: 0.001}}
  - SGD: {scope: CenterLoss, lr: {name: ConstLR, learning_rate: 0.5}}
"""
    with pytest.raises(ScheduleError, match=r"by `group` \(--group\): CenterLoss, RecModel"):
        used("a.yaml", text, steps_per_epoch=9)
    assert used("a.yaml", text, steps_per_epoch=9, group="CenterLoss")(0) == 0.5


def test_paddleseg_has_paddles_own_floor_and_a_warmup_before_it(used, agree):
    agree(used("a.yml", SEG), lambda k: 1e-4 + 9.9e-3 * max(0, 1 - k / 400) ** 0.9, range(500))
    warmed = used("a.yml", SEG + "  warmup_iters: 40\n  warmup_start_lr: 1e-5\n  end_lr: 0\n")

    def polynomial(k):
        if k < 40:
            return 1e-5 + (0.01 - 1e-5) * k / 40
        return 0.01 * max(0, 1 - (k - 40) / 360) ** 0.9

    agree(warmed, polynomial, range(500))


def test_a_part_that_inherits_nothing(used):
    used("base.yml", SEG + "  end_lr: 0.0\n")
    text = "_base_: base.yml\nlr_scheduler: {learning_rate: 0.1}\n"
    assert used("a.yml", text)(400) == 0.0
    text = text.replace("{", "{_inherited_: False, type: StepDecay, step_size: 100, ")
    assert used("a.yml", text)(399) == pytest.approx(1e-4)


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        (
            "name: CyclicalCosine, learning_rate: 0.1, cycle: 5, eta_min: 0.01, warmup_epoch: 2",
            lambda k: 0.1 * (k / 20 if k < 20 else half((k - 20) % 50 / 50)),
        ),
        (
            "name: Piecewise, values: [.1, .02], decay_epochs: [20, 40]",
            lambda k: 0.1 if k < 200 else 0.02,
        ),
        (
            "name: LinearWarmupCosine, learning_rate: 0.1, warmup_steps: 30, warmup_epoch: 9",
            lambda k: (
                1e-5 + (0.1 - 1e-5) * k / 30
                if k < 30
                else 1e-8 + (0.1 - 1e-8) * half((k - 30) / 500)
            ),
        ),
        ("learning_rate: 0.1", lambda k: 0.1),
        ("name: Cosine, learning_rate: 0.1, eta_min: 0.01", lambda k: 0.1 * half(k / 500)),
    ],
)
def test_more_of_paddleocr(used, agree, text, formula):
    rate = used("a.yml", OCR.replace("{LR}", "{" + text + "}"), steps_per_epoch=10)
    agree(rate, formula, range(500))


def test_a_one_cycle_ends_at_its_floor(used):
    ocr = used("a.yml", OCR.replace("{LR}", "{name: OneCycle, max_lr: 0.1}"), steps_per_epoch=10)
    assert [ocr(0), ocr(149), ocr(499)] == pytest.approx([0.004, 0.1, 4e-7])
    text = "name: OneCycleLR, max_learning_rate: 0.1, divide_factor: 10"
    rate = used("a.yaml", clas(text), steps_per_epoch=10)
    assert [rate(0), rate(149), rate(499)] == pytest.approx([0.01, 0.1, 1e-10])


@pytest.mark.parametrize("warmup", [0, 1])
def test_two_cosines_of_which_a_warmup_shows_the_second(used, agree, warmup):
    text = OCR.replace("50", "240").replace("{LR}", "{name: TwoStepCosine, learning_rate: 0.1, W}")
    rate = used("a.yml", text.replace("W}", f"warmup_epoch: {warmup}}}"), steps_per_epoch=2)

    def cosines(k):
        if k < 2 * warmup:
            return 0.1 * k / 2
        k -= 2 * warmup
        return 0.1 * half(k / 400) if k <= 400 else 0.1 * half(k / 480) * warmup

    agree(rate, cosines, range(480))


def test_cycles_of_lines(used):
    text = "name: Cyclic, base_learning_rate: 0.1, max_learning_rate: 0.3, step_size_up: 20"
    rate = used("a.yaml", clas(text), steps_per_epoch=10)
    assert [rate(0), rate(20), rate(30), rate(40)] == pytest.approx([0.1, 0.3, 0.2, 0.1])


DETECTION = """
LearningRate:
  base_lr: 0.1
  schedulers:
  - !CosineDecay {max_epochs: 4}
  - !LinearWarmup {steps: STEPS, epochs: 1, epochs_first: false}
"""


def test_the_steps_of_a_warmup_may_come_before_its_epochs(used):
    rate = used("a.yml", DETECTION.replace("STEPS", "5"), steps_per_epoch=10)
    assert rate(5) == 0.1 > rate(6)


def test_a_warmup_longer_than_the_cosine_leaves_nothing_of_it(used):
    rate = used("a.yml", DETECTION.replace("STEPS", "50"), steps_per_epoch=10)
    assert rate(49) < rate(50) == rate(60) == 0.1


def test_more_gammas_than_milestones_end_with_the_last(used):
    text = (
        "LearningRate: {schedulers: [{name: PiecewiseDecay, use_warmup: false, milestones: [3]}]}"
    )
    rate = used("a.yml", text, steps_per_epoch=10)
    assert (rate(29), rate(30)) == (0.01, pytest.approx(1e-4))
