"""detectron2's files, against fvcore's arithmetic as detectron2 composes it."""

import math

import pytest

from glissando.errors import ScheduleError

BASE = """
MODEL:
  META_ARCHITECTURE: "GeneralizedRCNN"
SOLVER:
  IMS_PER_BATCH: 16
  BASE_LR: 0.02
  STEPS: (60000, 80000)
  MAX_ITER: 90000
VERSION: 2
"""

THREE = """
_BASE_: "../Base-RCNN-FPN.yaml"
MODEL:
  MASK_ON: True
SOLVER:
  STEPS: (210000, 250000)
  MAX_ITER: 270000
"""

SHORT = """
SOLVER:
  LR_SCHEDULER_NAME: KIND
  BASE_LR: 0.05
  BASE_LR_END: 0.005
  STEPS: (30, 400, 900)
  MAX_ITER: 600
  WARMUP_ITERS: 100
  WARMUP_FACTOR: 0.01
  RESCALE_INTERVAL: RESCALED
"""


def reference(name, steps, milestones, warmup, base, factor=0.001, end=0.0, rescaled=False):
    def decay(where):
        if name == "WarmupCosineLR":
            last = end / base
            return last + 0.5 * (1 - last) * (1 + math.cos(math.pi * where))
        if name == "WarmupStepWithFixedGammaLR":
            return 0.1 ** int((where + 1e-6) * 4)
        at = int((where + 1e-6) * steps)
        return 0.1 ** sum(m <= at for m in milestones if m <= steps)

    share = warmup / steps

    def rate(k):
        where = k / steps
        if where + 1e-6 <= share:
            first, aim = factor * decay(0.0), decay(0.0 if rescaled else share)
            part = where / share
            return base * (aim * part + first * (1 - part))
        if rescaled:
            return base * decay((where - share) / (1 - share))
        return base * decay(where)

    return rate


def test_the_base_of_all_configurations(used, agree):
    rate = used("Base-RCNN-FPN.yaml", BASE)
    steps = [*range(0, 1010, 7), 59_999, 60_000, 79_999, 80_000, 89_999]
    agree(rate, reference("", 90_000, (60_000, 80_000), 1000, 0.02), steps)


def test_a_base_beside_the_file_is_read(used, agree):
    used("Base-RCNN-FPN.yaml", BASE)
    rate = used("COCO/mask_rcnn_R_50_FPN_3x.yaml", THREE)
    steps = [0, 500, 999, 1000, 209_999, 210_000, 250_000, 269_999]
    agree(rate, reference("", 270_000, (210_000, 250_000), 1000, 0.02), steps)


def test_a_base_that_is_not_there_is_told(used):
    with pytest.raises(ScheduleError, match=r"`_BASE_` names '../Base-RCNN-FPN.yaml', which is no"):
        used("COCO/mask_rcnn.yaml", THREE)


def test_files_that_name_each_other_end(used):
    with pytest.raises(ScheduleError, match="`_BASE_` may lead to 10 files"):
        used("a.yaml", "_BASE_: a.yaml\nMODEL: {}\nSOLVER: {BASE_LR: 0.1}\n")


@pytest.mark.parametrize("rescaled", [True, False])
@pytest.mark.parametrize(
    "name", ["WarmupMultiStepLR", "WarmupCosineLR", "WarmupStepWithFixedGammaLR"]
)
def test_every_scheduler_and_the_warmup_that_aims_at_what_follows(used, agree, name, rescaled):
    rate = used("x.yaml", SHORT.replace("KIND", name).replace("RESCALED", str(rescaled)))
    formula = reference(name, 600, (30, 400), 100, 0.05, 0.01, 0.005, rescaled)
    agree(rate, formula, range(600), rel=1e-9)


def test_a_milestone_inside_the_warmup_hides_the_peak(used):
    rate = used("x.yaml", SHORT.replace("KIND", "WarmupMultiStepLR").replace("RESCALED", "False"))
    assert max(rate(k) for k in range(600)) <= 0.005 * (1 + 1e-9)


def test_more_processes_than_it_is_made_for_scale_everything(used, agree):
    text = BASE.replace("BASE_LR: 0.02", "BASE_LR: 0.02\n  REFERENCE_WORLD_SIZE: 8")
    with pytest.raises(ScheduleError, match="does not say `world_size`"):
        used("x.yaml", text)
    rate = used("x.yaml", text, world_size=16)
    formula = reference("", 45_000, (30_000, 40_000), 500, 0.04)
    agree(rate, formula, [0, 100, 499, 500, 29_999, 30_000, 40_000, 44_999])


def test_it_raises_where_detectron2_does(used):
    rate = used("x.yaml", BASE)
    with pytest.raises(ScheduleError):
        rate(90_001)


@pytest.mark.parametrize("method", ["linear", "constant"])
@pytest.mark.parametrize("ending", [0.0, 0.3])
def test_deeplabs_warmup_multiplies_what_falls_already(used, agree, method, ending):
    text = SHORT.replace("KIND", "WarmupPolyLR").replace("RESCALED", "False")
    more = f"  WARMUP_METHOD: {method}\n  POLY_LR_CONSTANT_ENDING: {ending}\n"

    def poly(k):
        fall = (1 - k / 600) ** 0.9
        if k < 100:
            return 0.05 * fall * (0.01 if method == "constant" else 0.01 + 0.99 * k / 100)
        return 0.05 * max(fall, ending)

    agree(used("x.yaml", text + more), poly, range(600))
