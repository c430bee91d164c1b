"""The encoder's training from labels to checkpoints and spec, stage by stage; a stage that is done is not done again.

Below the output folder: `work/` holds crops, copies, drawn garments and the state of each training; `encoder.pt`,
`region_head.pt` and `spec.json` are the result.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from seamline.data.label_file import Label
from seamline.nn.backbone import load_imagenet
from seamline.nn.checkpoint import load_landmarks, save
from seamline.systems.psnet_lite.encoder import Encoder, EncoderConfig
from seamline.systems.psnet_lite.landmark_training import LandmarkTraining, train_landmarks
from seamline.systems.psnet_lite.options import RetrievalOptions
from seamline.systems.psnet_lite.projection import ProjectionSettings, fit_map
from seamline.systems.psnet_lite.task import KIND
from seamline.training.crops import CropStore, build_store
from seamline.training.drawn import drawn_labels
from seamline.training.loop import Outcome, train
from seamline.training.settings import LoopSettings
from seamline.training.sources import Sources

RESULT = ("encoder.pt", "region_head.pt", "spec.json")


@dataclasses.dataclass(frozen=True)
class EncoderPlan:
    """How much of everything. `drawn` garments join the landmark training; `map_photos` fit the map's projection."""

    landmarks: LandmarkTraining = dataclasses.field(default_factory=LandmarkTraining)
    projection: ProjectionSettings = dataclasses.field(default_factory=ProjectionSettings)
    retrieval: RetrievalOptions = dataclasses.field(default_factory=RetrievalOptions)
    loop: LoopSettings = KIND.loop
    drawn: int = 780
    map_photos: int = 250
    develop_trust: float = 0.9
    map_trust: float = 0.85
    seed: int = 0


@dataclasses.dataclass(frozen=True)
class EncoderTraining:
    """`photos`: folder that the labels' paths start from; `labels`: folder with labels.jsonl and
    labels_develop.jsonl."""

    photos: Path
    labels: Path
    out: Path
    plan: EncoderPlan = dataclasses.field(default_factory=EncoderPlan)

    @property
    def work(self) -> Path:
        """Folder of intermediate results."""
        return self.out / "work"

    def run(self) -> Outcome:
        """All stages. Returns what was measured on photos that nothing was learnt from."""
        sources = Sources(self.photos, self.labels, self.work)
        start = self.work / "start"
        if not (start / "encoder.pt").is_file():
            real = sources.train()
            landmarks = self.train_landmark_branch(real, sources.develop(self.plan.develop_trust))
            store = build_store(real, self.photos, self.labels, self.work / "photos")
            save(self.assemble(landmarks, store), start / "encoder.pt")
        return self.train_retrieval(sources, start)

    def train_landmark_branch(self, real: list[Label], trusted: list[Label]) -> Path:
        """Train the landmark branch; returns the file of its best weights."""
        plan = self.plan
        drawn = drawn_labels(self.work / "drawn", plan.drawn, plan.seed) if plan.drawn else []
        learn = build_store([*real, *drawn], self.photos, self.labels, self.work / "train")
        develop = build_store(trusted, self.photos, self.labels, self.work / "develop")
        return train_landmarks(learn, develop, self.work / "landmarks", plan.landmarks)

    def assemble(self, landmarks: Path, store: CropStore) -> Encoder:
        """An encoder from trained landmarks, ImageNet features and a fitted map projection."""
        branch = load_landmarks(landmarks)
        encoder = Encoder(EncoderConfig(branch.config))
        encoder.landmarks.load_state_dict(branch.state_dict())
        load_imagenet(encoder.retrieval.backbone)
        fit_map(encoder.eval(), store, self._photos(store), self.plan.projection)
        return encoder

    def train_retrieval(self, sources: Sources, start: Path) -> Outcome:
        """Train the retrieval branch and region head, and copy the result to the output folder."""
        plan, folder = self.plan, self.work / "retrieval"
        options = dataclasses.replace(plan.retrieval, start=str(start))
        task = KIND.build(sources, options, plan.seed)
        identity = {"task": "retrieval", "retrieval": repr(plan.retrieval), "labels": sources.digest()}
        outcome = train(task, plan.loop, folder, plan.seed, identity)
        if outcome.finished:
            for name in RESULT:
                (self.out / name).write_bytes((folder / name).read_bytes())
        return outcome

    def _photos(self, store: CropStore) -> list[int]:
        """Some stored photos with trusted mask and landmarks, in random order."""
        trusted = (store.trust >= self.plan.map_trust) & (store.mask_trust >= self.plan.map_trust)
        chosen = np.random.default_rng(self.plan.seed).permutation(np.flatnonzero(trusted))
        return [int(index) for index in chosen[: self.plan.map_photos]]
