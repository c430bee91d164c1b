"""The training loop: the same result however often it is stopped, and clear words when it cannot go on."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from seamline.nn.checkpoint import load_state
from seamline.training.checkpoint import CHECKPOINT
from seamline.training.errors import BadCheckpoint, BadConfig, NotFinite
from seamline.training.history import EVENTS, PICTURE, ROWS, read_rows
from seamline.training.loop import Outcome, train
from seamline.training.settings import GroupSettings, LoopSettings
from tests.support.resuming import assert_equal, assert_resumes
from tests.training.toy_task import Numbers, ToyTask

SETTINGS = LoopSettings(
    steps=12, rate=0.01, milestones=(0.5,), warm_up=3, clip=1.0, ema=0.9, precision="fp32", device="cpu",
    evaluate_every=4, checkpoint_every=5, log_every=3,
)  # fmt: skip


class StoppingTask(ToyTask):
    """Sends this process a signal while a step is being computed, as a person or a scheduler would."""

    def __init__(self, at: int, number: signal.Signals = signal.SIGTERM) -> None:
        super().__init__()
        self.at, self.number = at, number

    def loss(self, batch: Numbers) -> dict[str, torch.Tensor]:
        if batch.step == self.at:
            os.kill(os.getpid(), self.number)
        return dict(super().loss(batch))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    assert train(ToyTask(), SETTINGS, folder).finished
    return folder


@pytest.fixture(autouse=True)
def _fewer_pictures(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The training that is never stopped draws its history; once is enough."""
    monkeypatch.setattr("seamline.training.history.plot_history", lambda *_: None)


def assert_same_training(first: Path, second: Path) -> None:
    for name in ("result.pt", CHECKPOINT):
        assert_equal(load_state(first / name), load_state(second / name))
    assert (first / ROWS).read_text() == (second / ROWS).read_text()


@pytest.mark.parametrize("at", [0, 3, 4, 6, 10, 11])
def test_a_training_stopped_after_any_step_goes_on_to_the_same_weights(whole: Path, tmp_path: Path, at: int) -> None:
    stopped = train(StoppingTask(at), SETTINGS, tmp_path)
    assert stopped.step == at + 1
    assert stopped.finished == (at == 11)
    assert train(ToyTask(), SETTINGS, tmp_path).finished
    assert_same_training(whole, tmp_path)


def test_ctrl_c_stops_after_the_step_too(whole: Path, tmp_path: Path) -> None:
    assert train(StoppingTask(6, signal.SIGINT), SETTINGS, tmp_path) == Outcome(7, False, {})
    train(ToyTask(), SETTINGS, tmp_path)
    assert_same_training(whole, tmp_path)


class CutOff(Exception):
    """The power went."""


class CutOffTask(ToyTask):
    def evaluate(self) -> dict[str, float]:
        raise CutOff


def test_a_training_cut_off_without_notice_repeats_the_steps_since_its_checkpoint(whole: Path, tmp_path: Path) -> None:
    with pytest.raises(CutOff):
        train(CutOffTask(), dataclasses.replace(SETTINGS, evaluate_every=8), tmp_path)
    assert load_state(tmp_path / CHECKPOINT)["step"] == 5
    train(ToyTask(), dataclasses.replace(SETTINGS, evaluate_every=8), tmp_path)
    assert_equal(load_state(whole / "result.pt"), load_state(tmp_path / "result.pt"))
    steps = [row["step"] for row in map(json.loads, (tmp_path / ROWS).read_text().splitlines())]
    assert steps == [3, 6, 8, 9, 12, 12]


def test_batches_made_by_other_processes_give_the_same_weights(whole: Path, tmp_path: Path) -> None:
    train(ToyTask(), dataclasses.replace(SETTINGS, workers=2), tmp_path)
    assert_same_training(whole, tmp_path)


def test_how_often_it_is_saved_logged_and_evaluated_does_not_matter(whole: Path, tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, evaluate_every=0, checkpoint_every=1, log_every=5)
    train(ToyTask(), settings, tmp_path)
    assert_equal(load_state(whole / "result.pt"), load_state(tmp_path / "result.pt"))


def test_measuring_the_precision_leaves_no_trace(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seamline.training.precision._WORTH", 0.0)  # float32, whatever the clock says
    train(ToyTask(), dataclasses.replace(SETTINGS, precision="auto"), tmp_path)
    assert_equal(load_state(whole / "result.pt"), load_state(tmp_path / "result.pt"))
    monkeypatch.setattr("seamline.training.precision._WORTH", 1e9)
    train(ToyTask(), dataclasses.replace(SETTINGS, precision="auto"), tmp_path / "bf16")
    assert load_state(tmp_path / "bf16" / CHECKPOINT)["precision"] == "bf16"


def test_a_finished_training_is_not_trained_again(whole: Path) -> None:
    before = (whole / CHECKPOINT).read_bytes()
    task = ToyTask()
    outcome = train(task, SETTINGS, whole)
    assert outcome.finished
    assert outcome.figures.keys() == {"error"}
    assert task.evaluations == 0
    assert (whole / CHECKPOINT).read_bytes() == before


def test_the_result_is_the_average_of_the_weights(whole: Path) -> None:
    state = load_state(whole / CHECKPOINT)
    result = load_state(whole / "result.pt")
    assert torch.equal(result["last.weight"], state["ema"]["last.weight"])
    assert not torch.equal(result["last.weight"], state["network"]["last.weight"])


def test_the_history_is_a_file_of_rows_a_picture_and_events(whole: Path) -> None:
    rows = [json.loads(line) for line in (whole / ROWS).read_text().splitlines()]
    assert [row["step"] for row in rows if "losses" in row] == [3, 6, 9, 12]
    assert [row["step"] for row in rows if "figures" in row] == [4, 8, 12]
    assert rows[0]["losses"].keys() == {"loss", "error"}
    assert rows[-2]["rates"] == {"first": pytest.approx(0.001), "last": pytest.approx(0.001)}
    assert (whole / PICTURE).read_bytes().startswith(b"\x89PNG")


def test_tensorboard_reads_the_event_files(whole: Path) -> None:
    reading = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    events = reading.EventAccumulator(str(whole / EVENTS))
    events.Reload()
    assert {"loss/loss", "rate/last", "figure/error", "speed/steps per second"} <= set(events.Tags()["scalars"])
    assert [event.step for event in events.Scalars("figure/error")] == [4, 8, 12]


def test_a_group_keeps_its_weights_once_its_share_of_the_steps_is_over(tmp_path: Path) -> None:
    groups = {"first": GroupSettings(until=0.25), "last": GroupSettings(rate=0.0)}
    start = ToyTask().network.state_dict()
    task = ToyTask()
    train(task, dataclasses.replace(SETTINGS, groups=groups, ema=0.0, steps=4, evaluate_every=1), tmp_path)
    now = task.network.state_dict()
    assert torch.equal(start["last.weight"], now["last.weight"])
    assert not torch.equal(start["first.0.weight"], now["first.0.weight"])
    figures = [json.loads(line)["rates"] for line in (tmp_path / ROWS).read_text().splitlines() if "rates" in line]
    assert figures[-1] == {"first": 0.0, "last": 0.0}


def test_a_group_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, groups={"middle": GroupSettings()})
    with pytest.raises(BadConfig, match=r"loop\.groups\.middle .* first, last"):
        train(ToyTask(), settings, tmp_path)


@pytest.mark.parametrize(("schedule", "rates"), [
    ("constant", [0.5, 1.0, 1.0, 1.0]),
    ("milestones", [0.5, 1.0, 0.1, 0.01]),
    ("cosine", [0.5, 0.8535, 0.5, 0.1465]),
])  # fmt: skip
def test_the_rate_follows_its_schedule(schedule: str, rates: list[float]) -> None:
    settings = LoopSettings(steps=4, rate=1.0, schedule=schedule, milestones=(0.5, 0.75), warm_up=2, last_rate=0.0)
    assert [settings.rate_at(step) for step in range(4)] == pytest.approx(rates, abs=1e-3)


def test_a_loss_that_is_no_number_ends_the_training_and_names_the_step(tmp_path: Path) -> None:
    with pytest.raises(NotFinite, match=r"step 7: the loss 'loss' is nan"):
        train(ToyTask(broken_at=7), SETTINGS, tmp_path)
    assert load_state(tmp_path / CHECKPOINT)["step"] == 5
    assert all(weight.isfinite().all() for weight in load_state(tmp_path / CHECKPOINT)["network"].values())


class EpochTask(ToyTask):
    """Every four steps its targets change by what the network is then, as a tree of classes would."""

    def __init__(self) -> None:
        super().__init__()
        self.offset, self.begun = 0.0, list[int]()

    @property
    def epoch_steps(self) -> int:
        return 4

    def begin_epoch(self, epoch: int) -> None:
        assert not self.network.training
        self.begun.append(epoch)
        self.offset = float(self.predict(self.batch(10**6 + epoch).x).mean() + torch.rand(()))

    def batch(self, step: int) -> Numbers:
        made = super().batch(step)
        return dataclasses.replace(made, y=made.y + self.offset)

    def state(self) -> dict[str, object]:
        return {**super().state(), "offset": self.offset}

    def load_state(self, state: dict[str, object]) -> None:
        super().load_state(state)
        self.offset = float(str(state["offset"]))


@pytest.mark.parametrize("at", [1, 3, 4, 6, 8, 11])
def test_what_an_epoch_begins_with_survives_a_stop_inside_it_and_at_its_edge(tmp_path: Path, at: int) -> None:
    assert_resumes(EpochTask, SETTINGS, tmp_path, at)


def test_an_epoch_begins_once_and_workers_see_what_it_made(tmp_path: Path) -> None:
    task, measured = EpochTask(), EpochTask()
    train(task, SETTINGS, tmp_path / "here")
    assert task.begun == [0, 1, 2]
    train(measured, dataclasses.replace(SETTINGS, precision="auto", workers=2), tmp_path / "workers")
    assert measured.begun == [0, 1, 2]
    if load_state(tmp_path / "workers" / CHECKPOINT)["precision"] == "fp32":
        assert_equal(*(load_state(tmp_path / name / "result.pt") for name in ("here", "workers")))


def test_a_monitored_training_gives_the_weights_of_its_best_evaluation(tmp_path: Path) -> None:
    settings = dataclasses.replace(SETTINGS, evaluate_every=2, monitor="error", mode="max")  # the worst: the first
    folder = assert_resumes(ToyTask, settings, tmp_path, 5)
    assert_equal(load_state(folder / "best.pt")["network"], load_state(folder / "result.pt"))
    figures = {row["step"]: row["figures"]["error"] for row in read_rows(folder / ROWS) if "figures" in row}
    assert load_state(folder / "best.pt")["step"] == max(figures, key=lambda step: figures[step]) != 12
    assert train(ToyTask(), settings, folder).figures == {"error": max(figures.values())}
    with pytest.raises(BadCheckpoint, match=r"evaluate_every was 2 and is 3"):
        train(ToyTask(), dataclasses.replace(settings, evaluate_every=3), folder)
    (folder / "best.pt").unlink()
    with pytest.raises(BadCheckpoint, match=r"best\.pt is gone"):
        train(ToyTask(), settings, folder)


def test_a_figure_that_does_not_exist_cannot_be_monitored(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"loop\.monitor: 'mAP' is no figure of this task, whose figures are error"):
        train(ToyTask(), dataclasses.replace(SETTINGS, monitor="mAP"), tmp_path)


def test_a_checkpoint_of_an_earlier_version_is_refused_with_what_to_do(whole: Path, tmp_path: Path) -> None:
    torch.save({**load_state(whole / CHECKPOINT), "format": 1}, tmp_path / CHECKPOINT)
    with pytest.raises(BadCheckpoint, match=r"written by an earlier version.* remove the file to begin again"):
        train(ToyTask(), SETTINGS, tmp_path)
    (tmp_path / CHECKPOINT).rename(tmp_path / "training.pt")
    with pytest.raises(BadCheckpoint, match=r"training\.pt belongs to a training of an earlier version"):
        train(ToyTask(), SETTINGS, tmp_path)


@pytest.mark.parametrize("damage", ["cut", "garbage", "flipped", "other"])
def test_a_damaged_checkpoint_is_refused(whole: Path, tmp_path: Path, damage: str) -> None:
    content = (whole / CHECKPOINT).read_bytes()
    path = tmp_path / CHECKPOINT
    if damage == "other":
        torch.save({"weights": torch.zeros(3)}, path)
    else:
        middle = len(content) // 2
        flipped = (
            content[:middle] + bytes(255 - byte for byte in content[middle : middle + 400]) + content[middle:][400:]
        )
        path.write_bytes({"cut": content[:middle], "garbage": b"no checkpoint", "flipped": flipped}[damage])
    with pytest.raises(BadCheckpoint, match="damaged; remove it to begin again"):
        train(ToyTask(), SETTINGS, tmp_path)
    assert path.exists()


def test_a_checkpoint_of_other_settings_is_refused_and_the_difference_named(whole: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"loop\.rate was 0\.01 and is 0\.02"):
        train(ToyTask(), dataclasses.replace(SETTINGS, rate=0.02), whole)
    with pytest.raises(BadCheckpoint, match="seed was 0 and is 1"):
        train(ToyTask(), SETTINGS, whole, seed=1)


def test_sigterm_leaves_a_checkpoint_to_go_on_from(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.training.toy_task", str(tmp_path)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 200
    while not (tmp_path / ROWS).is_file() or not (tmp_path / ROWS).stat().st_size:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    step = load_state(tmp_path / CHECKPOINT)["step"]
    assert output == f"finished False after {step}\n"
    assert step >= 2


def test_a_device_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for name in ("cuda:99", "teapot"):
        with pytest.raises(BadConfig, match=f"loop.device: .*{name}"):
            train(ToyTask(), dataclasses.replace(SETTINGS, device=name), tmp_path)
