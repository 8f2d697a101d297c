"""Ultralytics' trainer, its own loop over a model of one weight and batches of nothing."""

import contextlib
import importlib.machinery
import importlib.metadata
import io
import os
import sys
import tempfile
import types

import torch

from parity.case import Case, lr

VERSION = "8.4.190"


class Absent(types.ModuleType):
    """Stands in for what the trainer's file imports and the loop does not need."""

    __version__ = "0.99"

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **named: None


def absent(*names):
    version = importlib.metadata.version
    for name in names:
        module = sys.modules[name] = Absent(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
    importlib.metadata.version = lambda name: "0.99" if name in names else version(name)


absent("cv2", "torchvision")
os.environ["YOLO_CONFIG_DIR"] = tempfile.mkdtemp()  # where it writes its settings

from ultralytics.engine import trainer as engine  # noqa: E402
from ultralytics.utils.torch_utils import one_cycle  # noqa: E402


class Model(torch.nn.Module):
    criterion = None

    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Linear(1, 1)
        self.model = (torch.nn.Identity(),)

    def forward(self, batch):
        loss = self.conv(torch.zeros(1, 1))
        return loss.sum(), {"loss": loss.detach()}


class Loader(list):
    dataset = ()
    num_workers = 0

    def reset(self):
        pass


class Trainer(engine.BaseTrainer):
    """The trainer's loop, which writes down what each batch has."""

    def __init__(self, options, batches, samples):
        own = {"time": None, "close_mosaic": 0, "val": False, "save": False, "plots": False}
        defaults = vars(engine.get_cfg(engine.DEFAULT_CFG))
        self.args = types.SimpleNamespace(**defaults | own | options)
        self.epochs, self.start_epoch, self.world_size = self.args.epochs, 0, 0
        self.device, self.amp, self.accumulate = torch.device("cpu"), False, 1
        self.scaler = torch.amp.GradScaler("cpu", enabled=False)
        self.data, self.batches, self.samples = {"nc": self.args.nc}, batches, samples
        self.loss_names, self.metrics, self.fitness, self.save_dir = ("loss",), {}, 0.0, "."
        self.ema = Absent("ema")
        self.found = []

    def _setup_train(self):
        self.model = Model()
        self.train_loader = Loader([{"img": torch.zeros(1, 1, 1, 1)}] * self.batches)
        self.test_loader = Loader()
        self.optimizer = self.build_optimizer(
            self.model, self.args.optimizer, self.args.lr0, self.args.momentum, 0.0, self.samples
        )
        self._setup_scheduler()
        self.scheduler.last_epoch = self.start_epoch - 1
        self.stop, self.stopper = False, engine.EarlyStopping(patience=0)

    def preprocess_batch(self, batch):
        named = {group["param_group"]: group for group in self.optimizer.param_groups}
        bias = named["bias"]
        momentum = bias["momentum"] if "momentum" in bias else bias["betas"][0]
        self.found.append((named["weight"]["lr"], bias["lr"], momentum))
        return batch

    def run_callbacks(self, event):
        pass

    def _model_train(self):
        pass

    def validate(self):
        return {}, 0.0

    def _handle_nan_recovery(self, epoch):
        return False

    def save_metrics(self, metrics):
        pass

    def label_loss_items(self, *args, **named):
        return {}

    def save_model(self):
        return False

    def final_eval(self):
        pass


def classes():
    """The trainer, and the function that it and its users shape the rate with."""
    return ["BaseTrainer", "one_cycle"]


def trained(arguments, steps):
    options = dict(arguments)
    batches, of = options.pop("steps_per_epoch"), options.pop("of")
    trainer = Trainer(options, batches, options.pop("iterations"))
    engine.LOGGER.disabled = True
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        trainer._do_train()
    return [rates[("lr", "bias", "momentum").index(of)] for rates in trainer.found][:steps]


def trainer(random):
    of = random.choice(["lr", "lr", "bias", "momentum"])
    return {
        "lr0": lr(random),
        "lrf": random.choice([0.01, 0.1, random.random(), 1.0]),
        "epochs": random.choice([1, 2, random.randint(3, 12)]),
        "cos_lr": random.random() < 0.4,
        "warmup_epochs": random.choice([0.0, 3.0, 1.0, random.uniform(0, 5)]),
        "warmup_bias_lr": random.choice([0.1, 0.0, random.random()]),
        "warmup_momentum": random.choice([0.8, random.random()]),
        "momentum": random.choice([0.937, random.random()]),
        "optimizer": "SGD" if of == "momentum" else random.choice(["SGD", "AdamW", "auto"]),
        "nc": random.choice([1, 3, 80, random.randint(1, 500)]),
        "iterations": random.choice([100, 10_000, 10_001, 50_000]),
        "steps_per_epoch": random.choice([1, 2, random.randint(3, 9)]),
        "of": of,
    }


def ramp(arguments, steps):
    function = one_cycle(**arguments)
    return [function(step) for step in range(steps)]


def ramped(random):
    return {"y1": lr(random), "y2": lr(random), "steps": random.randint(1, 40)}


CASES = [
    Case("BaseTrainer", trainer, trained, lambda a: a["epochs"] * a["steps_per_epoch"] // 2 - 1),
    Case("one_cycle", ramped, ramp, lambda arguments: arguments["steps"]),
]
