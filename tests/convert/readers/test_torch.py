"""Checkpoints are read as weights alone; what would run code is refused, and does not run."""

import pickle
import zipfile

import lightning
import pytest
import torch
import transformers

import glissando as gl
from glissando.convert.document import Document
from glissando.convert.given import Given
from glissando.convert.objects.torch import read_scheduler
from glissando.convert.readers import torch as _registered  # noqa: F401
from glissando.convert.registry import READERS
from torch_probe import sgd

READER = READERS["torch"]


def document(path):
    return Document(path, path.read_bytes()[:4096], "", {}, {})


def read(path, **given):
    assert READER.knows(document(path)) > 0
    return READER.read(document(path), Given(**given))


def refused(path):
    with pytest.raises(gl.ScheduleError) as caught:
        read(path)
    return str(caught.value)


def run(make=lambda o: torch.optim.lr_scheduler.OneCycleLR(o, 0.3, 200)):
    optimizer = sgd(1.0, momentum=0.9)
    return optimizer, make(optimizer)


def test_the_state_of_a_scheduler_is_found_in_a_checkpoint(tmp_path):
    optimizer, scheduler = run()
    states = {"optimizer": optimizer.state_dict(), "scheduler": scheduler.state_dict()}
    weights = {"model": {"weight": torch.zeros(3)}, "epoch": 4, "args": {"lr": 0.1}}
    torch.save({**weights, "train": states}, tmp_path / "last.pt")
    assert read(tmp_path / "last.pt") == read_scheduler(scheduler, Given())


def test_a_state_by_itself_and_in_the_old_format_is_read(tmp_path):
    _, scheduler = run(lambda o: torch.optim.lr_scheduler.MultiStepLR(o, [30, 60], 0.1))
    for new in (True, False):
        path = tmp_path / f"{new}.pth"
        torch.save(scheduler.state_dict(), path, _use_new_zipfile_serialization=new)
        assert read(path) == read_scheduler(scheduler, Given())


def test_several_schedulers_are_named(tmp_path):
    states = {name: run()[1].state_dict() for name in ("generator", "critic")}
    torch.save(states, tmp_path / "gan.pt")
    assert "2 schedulers, critic, generator" in refused(tmp_path / "gan.pt")


def test_a_checkpoint_of_the_same_list_over_and_over_takes_no_time(tmp_path):
    value = [0] * 3000
    for _ in range(4):
        value = [value] * 3000  # a file of some kilobytes, and 3000**5 members
    torch.save(value, tmp_path / "last.pt")
    assert "holds no state of a scheduler" in refused(tmp_path / "last.pt")


def test_a_checkpoint_without_a_scheduler_is_refused(tmp_path):
    torch.save({"model": {"weight": torch.zeros(3)}}, tmp_path / "last.pt")
    assert "holds no state of a scheduler" in refused(tmp_path / "last.pt")


def test_the_scheduler_of_a_trainer_of_transformers_does_not_hold_its_function(tmp_path):
    _, scheduler = run(lambda o: transformers.get_linear_schedule_with_warmup(o, 10, 100))
    torch.save(scheduler.state_dict(), tmp_path / "scheduler.pt")
    assert "the function is not in its state" in refused(tmp_path / "scheduler.pt")


class Touch:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def test_an_object_is_never_unpickled(tmp_path):
    trace = tmp_path / "trace"
    for new in (True, False):
        torch.save(
            {"scheduler": Touch(trace)}, tmp_path / "bad.pt", _use_new_zipfile_serialization=new
        )
        assert "never unpickled: it names" in refused(tmp_path / "bad.pt")
    (tmp_path / "bad.pth").write_bytes(pickle.dumps(Touch(trace)))
    assert "torch: " in refused(tmp_path / "bad.pth")
    assert not trace.exists()


def test_training_arguments_in_a_pickle_are_refused_by_their_name(tmp_path):
    args = transformers.TrainingArguments(str(tmp_path), use_cpu=True)
    torch.save(args, tmp_path / "training_args.bin")
    message = refused(tmp_path / "training_args.bin")
    assert "it names transformers.training_args.TrainingArguments" in message


def test_a_truncated_or_damaged_file_is_refused(tmp_path):
    _, scheduler = run()
    path = tmp_path / "last.pt"
    torch.save(scheduler.state_dict(), path, _use_new_zipfile_serialization=False)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    assert "torch: " in refused(path)
    torch.save(scheduler.state_dict(), path)
    path.write_bytes(path.read_bytes()[:-100])
    assert READER.knows(document(path)) == 0  # no archive any more


def test_a_compressed_archive_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\0" * 10_000_000)
    assert "the archive is compressed" in refused(path)


class Module(lightning.LightningModule):
    def __init__(self, interval):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(()))
        self.interval = interval

    def training_step(self, _batch, _index):
        return self.weight.sum()

    def configure_optimizers(self):
        optimizer = torch.optim.SGD(self.parameters(), lr=1.0)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 7)
        return [optimizer], [{"scheduler": scheduler, "interval": self.interval}]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("interval", ["step", "epoch"])
def test_a_checkpoint_of_lightning_tells_how_often_it_stepped(tmp_path, interval):
    trainer = lightning.Trainer(
        max_epochs=3,
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
    )
    trainer.fit(Module(interval), torch.utils.data.DataLoader(torch.zeros(4, 1)))
    (path,) = tmp_path.rglob("*.ckpt")
    bare = gl.dialects.torch.CosineAnnealingLR(7, lr=1.0)
    expected = bare if interval == "step" else bare.hold_each(4)
    assert read(path, steps_per_epoch=4) == expected
    if interval == "epoch":
        assert "`steps_per_epoch` (--steps-per-epoch)" in refused(path)
