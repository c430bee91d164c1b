"""A small task for the training loop: fits a two-layer network to noisy numbers, with dropout and batch norm."""

from __future__ import annotations

import dataclasses
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seamline.nn.checkpoint import save_state
from seamline.training.loop import train
from seamline.training.settings import LoopSettings
from seamline.training.task import Batch, Task


@dataclasses.dataclass(frozen=True)
class Numbers(Batch):
    x: Tensor
    y: Tensor
    step: int = 0


class ToyTask(Task[Numbers]):
    """`broken_at`: step whose loss is no number. `pause`: seconds that making a batch takes."""

    def __init__(self, seed: int = 0, broken_at: int = -1, pause: float = 0.0) -> None:
        torch.manual_seed(seed)
        first = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3))
        self.network: nn.ModuleDict = nn.ModuleDict({"first": first, "last": nn.Linear(8, 1)})
        self.seed, self.broken_at, self.pause = seed, broken_at, pause
        self.seen = 0
        self.evaluations = 0

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        return {name: list(part.parameters()) for name, part in self.network.items()}

    def batch(self, step: int) -> Numbers:
        time.sleep(self.pause)
        random = np.random.default_rng([self.seed, step])
        x = torch.from_numpy(random.normal(size=(16, 4)).astype(np.float32))
        return Numbers(x, x.sum(1, keepdim=True) * (np.nan if step == self.broken_at else 1.0), step)

    def predict(self, x: Tensor) -> Tensor:
        found: Tensor = self.network["last"](self.network["first"](x))
        return found

    def loss(self, batch: Numbers) -> Mapping[str, Tensor]:
        self.seen += 1
        noise = torch.rand(()) + float(np.random.random())
        error = (self.predict(batch.x) - batch.y).square().mean()
        return {"loss": error + 0.01 * noise * self.network["last"].weight.square().sum(), "error": error}

    def evaluate(self) -> Mapping[str, float]:
        self.evaluations += 1
        torch.rand(7)  # an evaluation may use the generators too
        batch = self.batch(10**6)
        return {"error": float((self.predict(batch.x) - batch.y).square().mean())}

    def state(self) -> dict[str, Any]:
        return {"seen": self.seen}

    def load_state(self, state: dict[str, Any]) -> None:
        self.seen = state["seen"]

    def finish(self, out: Path) -> None:
        save_state(self.network.state_dict(), out / "result.pt")


if __name__ == "__main__":
    outcome = train(ToyTask(pause=0.02), LoopSettings(steps=10_000, precision="fp32", log_every=2), Path(sys.argv[1]))
    print(f"finished {outcome.finished} after {outcome.step}")
