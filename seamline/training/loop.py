"""The training loop: follows the gradient of a task's loss, notes, evaluates, saves, and goes on where it was stopped.

Batches and the global random generators follow from the seed and the step's number, and a checkpoint holds everything
else, so a training that was stopped after any step gives the weights of one that was not: bit for bit on the same
machine with the same number of threads.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import random
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Generic

import numpy as np
import torch

from seamline.training.batches import batches
from seamline.training.checkpoint import Best, Checkpoint, read_checkpoint
from seamline.training.ema import EMA
from seamline.training.errors import BadConfig
from seamline.training.history import History, RecentLosses
from seamline.training.precision import autocast, choose_device, choose_precision
from seamline.training.progress import Progress
from seamline.training.settings import LoopSettings, Precision
from seamline.training.stopping import stop_on_signal
from seamline.training.task import B, Task


@dataclasses.dataclass(frozen=True)
class Outcome:
    """After how many steps a training ended, whether these were all, and the figures of its result."""

    step: int
    finished: bool
    figures: Mapping[str, float]


def train(
    task: Task[B], settings: LoopSettings, out: Path, seed: int = 0, identity: Mapping[str, Any] | None = None
) -> Outcome:
    """Train, or go on training, in the folder `out`; stops early on SIGINT or SIGTERM, with a checkpoint.

    `identity`: what else decides the result, as plain values; a checkpoint of another identity is refused. Raises
    BadCheckpoint, and NotFinite when the loss is no number.
    """
    out.mkdir(parents=True, exist_ok=True)
    return Loop(task, settings, out, seed, identity or {}).run()


class Loop(Generic[B]):
    """A training after some number of steps."""

    def __init__(
        self, task: Task[B], settings: LoopSettings, out: Path, seed: int, identity: Mapping[str, Any]
    ) -> None:
        self.task = task
        self.settings = settings
        self.out = out
        self.step = 0
        self._seed = seed
        self._identity = {"seed": seed, "loop": settings.hyperparameters(), **identity}
        self._device = choose_device(settings.device)
        task.network.to(self._device)
        self._optimiser = self._new_optimiser()
        self._ema = EMA(task.network, settings.ema) if settings.ema else None
        self._recent = RecentLosses()
        self._best = Best(out, settings.monitor, settings.mode) if settings.monitor else None
        self._precision: Precision = "fp32"
        self._begun = -1
        self._logged = time.monotonic()

    def _new_optimiser(self) -> torch.optim.Optimizer:
        groups = [
            {"name": name, "params": list(parameters)} for name, parameters in self.task.parameter_groups().items()
        ]
        for name in self.settings.groups:
            if name not in {group["name"] for group in groups}:
                known = ", ".join(str(group["name"]) for group in groups)
                raise BadConfig(f"loop.groups.{name} is no group of this task's parameters, which are {known}")
        kind = torch.optim.AdamW if self.settings.optimiser == "adamw" else torch.optim.Adam
        return kind(groups, lr=self.settings.rate, weight_decay=self.settings.weight_decay)

    def run(self) -> Outcome:
        """Do what is left to do."""
        self._begin()
        with stop_on_signal() as stop, History(self.out, self.step) as history:
            progress = Progress("training", self.settings.steps, self.step)
            self._evaluate_if_due(history)
            self.task.network.train()
            for batch in self._batches():
                self.advance(batch)
                progress.advance(1, self._log_if_due(history))
                if stop.is_set() or self.step % self.settings.checkpoint_every == 0 or self.step == self.settings.steps:
                    self.save()
                if stop.is_set() and self.step < self.settings.steps:
                    return Outcome(self.step, False, {})
                self._evaluate_if_due(history)
            figures = self._finish(history)
        return Outcome(self.step, True, figures)

    def _batches(self) -> Iterator[B]:
        """The batches of the steps that are left. Processes that make them are started anew in each epoch, since they
        see the task as it was when they started."""
        settings = self.settings
        while self.step < settings.steps:
            self._begin_epoch_if_due()
            length = self.task.epoch_steps or settings.steps
            end = min(settings.steps, (self.step // length + 1) * length)
            yield from batches(self.task.batch, self.step, end, settings.workers, settings.prefetch)

    def _begin_epoch_if_due(self) -> None:
        length = self.task.epoch_steps
        if not length or self.step % length or self.step == self._begun:
            return
        self._begun = self.step
        self.task.network.eval()
        _set_generators(self._seed, self.step)
        with torch.no_grad():
            self.task.begin_epoch(self.step // length)
        self.task.network.train()

    def _begin(self) -> None:
        saved = read_checkpoint(self.out, self._identity)
        if saved is not None:
            self._restore(saved)
        else:
            self._begin_epoch_if_due()
            self._precision = self._measured_precision()

    def _restore(self, saved: Checkpoint) -> None:
        self.step = saved.step
        self.task.network.load_state_dict(saved.network)
        self._optimiser.load_state_dict(saved.optimiser)
        if self._ema is not None and saved.ema is not None:
            self._ema.load_state(saved.ema)
        self.task.load_state(saved.task)
        self._recent.load_state(saved.recent)
        self._precision = "bf16" if saved.precision == "bf16" else "fp32"

    def save(self) -> None:
        """Write the checkpoint. Raises NotFinite instead when the loss has become no number."""
        self._recent.check()
        Checkpoint(
            self._identity,
            self.step,
            self.task.network.state_dict(),
            None if self._ema is None else self._ema.state(),
            self._optimiser.state_dict(),
            self.task.state(),
            self._recent.state(),
            self._precision,
        ).write(self.out)

    def _measured_precision(self) -> Precision:
        """The precision to use; leaves no trace in weights, statistics and state."""
        if self.settings.precision != "auto" or self._device.type != "cpu":
            return choose_precision(self.settings.precision, self._device, lambda _: None)
        weights, state = copy.deepcopy(self.task.network.state_dict()), copy.deepcopy(self.task.state())
        batch = self.task.batch(0)
        self.task.network.train()
        chosen = choose_precision("auto", self._device, lambda precision: self._backward(batch, precision))
        self._optimiser.zero_grad(set_to_none=True)
        self.task.network.load_state_dict(weights)
        self.task.load_state(state)
        return chosen

    def advance(self, batch: B) -> None:
        """One step. Raises NotFinite on a CPU; a GPU is asked when the losses are logged or saved."""
        self._set_rates()
        self._optimiser.zero_grad(set_to_none=True)
        self._recent.add(self.step, self._backward(batch.to(self._device), self._precision))
        if self._device.type == "cpu":
            self._recent.check()
        if self.settings.clip:
            torch.nn.utils.clip_grad_norm_(self.task.network.parameters(), self.settings.clip)
        self._optimiser.step()
        self.step += 1
        if self._ema is not None:
            self._ema.update(self.step)

    def _backward(self, batch: B, precision: Precision) -> Mapping[str, torch.Tensor]:
        _set_generators(self._seed, self.step)
        with autocast(precision, self._device):
            losses = self.task.loss(batch)
        if losses["loss"].requires_grad:  # not when every group keeps its weights
            torch.autograd.backward(losses["loss"])
        return losses

    def _set_rates(self) -> None:
        """A group whose rate is 0 needs no gradient: its part of the backward pass is saved."""
        for group in self._optimiser.param_groups:
            group["lr"] = self.settings.rate_at(self.step, group["name"])
            for parameter in group["params"]:
                parameter.requires_grad_(group["lr"] > 0)

    def _log_if_due(self, history: History) -> str:
        """Writes the mean losses every few steps; returns them for the line of progress."""
        if self.step % self.settings.log_every and self.step < self.settings.steps:
            return ""
        self._recent.check()
        means = self._recent.means()
        rates = {group["name"]: group["lr"] for group in self._optimiser.param_groups}
        now = time.monotonic()
        history.log_losses(self.step, means, rates, self.settings.log_every / max(now - self._logged, 1e-9))
        self._logged = now
        self._recent.clear()
        return " ".join(f"{name} {value:.4g}" for name, value in means.items())

    def _evaluate_if_due(self, history: History) -> None:
        every = self.settings.evaluate_every
        due = self.step == self.settings.steps or (every and self.step and self.step % every == 0)
        if due and self.step not in history.figures:
            with self._result_weights():
                figures = self._evaluated()
                if self._best is not None:
                    self._best.keep(self.task.network, self.step, {**history.figures, self.step: figures})
            history.log_figures(self.step, figures)

    def _evaluated(self) -> dict[str, float]:
        self.task.network.eval()
        _set_generators(self._seed, self.step)
        try:
            with torch.inference_mode():
                return {name: float(value) for name, value in self.task.evaluate().items()}
        finally:
            self.task.network.train()

    def _result_weights(self) -> Any:
        return contextlib.nullcontext() if self._ema is None else self._ema.in_place()

    def _finish(self, history: History) -> Mapping[str, float]:
        """Let the task write its result, from the best or else the averaged weights where there are such. Returns its
        figures."""
        self.task.network.eval()
        with self._result_weights():
            step = self.step if self._best is None else self._best.load(self.task.network)
            self.task.finish(self.out)
        return history.figures.get(step, {})


def _set_generators(seed: int, step: int) -> None:
    """The global generators as they are for this step, whatever came before it."""
    state = int(np.random.SeedSequence([seed, step]).generate_state(1)[0])
    torch.manual_seed(state)
    np.random.seed(state)
    random.seed(state)
