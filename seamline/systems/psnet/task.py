"""PS-Net's training (Lang et al., CVPR 2020) as a task of the training loop.

The landmark branch learns from squared error of its heatmaps, the retrieval branch from a loss over region vectors;
the network keeps the gradients of the two apart. After the last step the region weights are learnt and similarities
calibrated, so that psnet.pt and spec.json can be exported.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from seamline.losses.part_loss import PartLoss, in_original_order
from seamline.nn.backbone import Lite0
from seamline.nn.checkpoint import load_state, save
from seamline.nn.timm_backbone import keep_statistics, load_lite0_weights
from seamline.systems.psnet.batch import BatchSampler, GarmentBatch
from seamline.systems.psnet.config import encoder_spec
from seamline.systems.psnet.head import region_boxes_of
from seamline.systems.psnet.landmarks import landmark_loss
from seamline.systems.psnet.measure import encoded_views, landmarks_of
from seamline.systems.psnet.network import PSNet, PSNetOutput, load_psnet
from seamline.systems.psnet.options import PSNetOptions
from seamline.systems.psnet.perturbed_views import PerturbedViews
from seamline.systems.psnet.region_rules import DEFAULT_SPEC
from seamline.systems.psnet.spec import MIRRORED, REGIONS
from seamline.training.crops import CropStore, build_store
from seamline.training.errors import BadConfig
from seamline.training.garment_views import CopiedViews, GarmentSampler, GarmentViews
from seamline.training.measure import Encoded, mean_distance, retrieval_figures, weight_triplets
from seamline.training.part_weights import learn_weights
from seamline.training.settings import GroupSettings, LoopSettings
from seamline.training.sources import Sources
from seamline.training.task import Task
from seamline.training.tasks import TaskKind


@dataclasses.dataclass(frozen=True)
class PSNetData:
    """`garments` to learn from and `validation`, others to evaluate on; the crops with labelled landmarks of either."""

    garments: GarmentViews
    validation: GarmentViews
    crops: CropStore
    validation_crops: CropStore


class PSNetTraining(nn.Module):
    """The network and its loss, which may have weights or a memory too."""

    def __init__(self, options: PSNetOptions, garments: int) -> None:
        super().__init__()
        self._keep_statistics = options.keep_statistics
        self._keep_landmark_backbone = bool(options.landmark_backbone)
        self.psnet = _new_network(options)
        dimension = options.network.dimension
        self.region_loss = PartLoss(options.loss, len(REGIONS), options.region_loss, garments, dimension)

    def train(self, mode: bool = True) -> PSNetTraining:
        super().train(mode)
        if self._keep_statistics:
            keep_statistics(self)
        if self._keep_landmark_backbone:
            self.psnet.landmark_backbone.eval()
        return self

    def freeze_statistics(self) -> None:
        """Let a landmark branch that no longer learns keep its statistics too."""
        if not any(parameter.requires_grad for parameter in self.psnet.landmark_parameters()):
            for part in self.psnet.landmark_parts:
                part.eval()

    def landmark_parameters(self) -> list[nn.Parameter]:
        """What the landmark loss trains."""
        kept = set(self.psnet.landmark_backbone.parameters()) if self._keep_landmark_backbone else set()
        return [parameter for parameter in self.psnet.landmark_parameters() if parameter not in kept]


def _new_network(options: PSNetOptions) -> PSNet:
    if options.start:
        network = load_psnet(Path(options.start))
        if network.config != options.network:
            raise BadConfig(f"psnet.start: {options.start} has another configuration, {network.config}")
    else:
        network = PSNet(options.network)
        network.load_backbones(options.backbone_weights)
        if options.landmark_backbone:
            load_lite0_weights(network.landmark_backbone, _trained_backbone(Path(options.landmark_backbone)))
    network.landmark_backbone.requires_grad_(not options.landmark_backbone)
    return network.to(memory_format=torch.channels_last)


def _trained_backbone(file: Path) -> Lite0:
    """The backbone of a landmarks.pt, or of the landmark branch in an encoder.pt."""
    backbone = Lite0()
    try:
        weights = load_state(file)["weights"]
        prefix = "landmarks.backbone." if any(name.startswith("landmarks.") for name in weights) else "backbone."
        own = {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}
        backbone.load_state_dict(own)
    except (KeyError, TypeError, RuntimeError) as error:
        raise BadConfig(
            f"psnet.landmark_backbone: {file} is no landmarks.pt or encoder.pt that training wrote"
        ) from error
    return backbone


class PSNetTask(Task[GarmentBatch]):
    """Learns from garments and their copies."""

    network: PSNetTraining

    def __init__(self, data: PSNetData, options: PSNetOptions, seed: int = 0) -> None:
        torch.manual_seed(seed)
        self._data, self._options, self._seed = data, options, seed
        self.network = PSNetTraining(options, len(data.garments))
        garments = GarmentSampler(data.garments, options.batch, options.views, seed)
        self._sampler = BatchSampler(garments, data.crops, options.landmark_views)

    @property
    def _psnet(self) -> PSNet:
        return self.network.psnet

    def parameter_groups(self) -> Mapping[str, Sequence[nn.Parameter]]:
        """PS-Net's two branches, and the loss where it has weights."""
        groups = {"landmarks": self.network.landmark_parameters(), "retrieval": self._psnet.retrieval_parameters()}
        centres = list(self.network.region_loss.parameters())
        return groups | ({"loss": centres} if centres else {})

    def batch(self, step: int) -> GarmentBatch:
        """Garments with their views."""
        return self._sampler(step)

    def loss(self, batch: GarmentBatch) -> Mapping[str, Tensor]:
        """Squared error of the heatmaps and the loss over regions, and their sum."""
        self.network.freeze_statistics()
        output = self._psnet(batch.pixels)
        landmarks = landmark_loss(
            output.heatmaps, batch.pixels.shape[1], batch.points, batch.known, self._options.landmark_sigma
        )
        regions = self._region_loss(batch, output)
        return {"loss": landmarks + regions, "landmarks": landmarks, "regions": regions}

    def _region_loss(self, batch: GarmentBatch, output: PSNetOutput) -> Tensor:
        boxes, visible = self._boxes(batch, output)
        count = self._options.batch  # the rows after these teach landmarks only
        vectors = self._psnet.head(output.features[:count], boxes[:count], visible[:count])
        mirrored = batch.mirrored[:count]
        vectors, visible = (in_original_order(part, mirrored, MIRRORED) for part in (vectors, visible[:count]))
        value: Tensor = self.network.region_loss(vectors, batch.garment[:count], batch.change[:count], visible)
        return value

    def _boxes(self, batch: GarmentBatch, output: PSNetOutput) -> tuple[Tensor, Tensor]:
        if self._options.boxes == "labels" and bool(batch.labelled.all()):
            return batch.boxes, batch.visible
        boxes, visible = region_boxes_of(output.landmarks, batch.categories, DEFAULT_SPEC)
        if self._options.boxes == "prediction":
            return boxes, visible
        labelled = batch.labelled
        return torch.where(labelled[:, None, None], batch.boxes, boxes), torch.where(
            labelled[:, None], batch.visible, visible
        )

    def evaluate(self) -> Mapping[str, float]:
        """Figures on garments that are not learnt from; see `seamline.training.measure`."""
        crops = self._data.validation_crops
        figures = {"landmark distance": mean_distance(landmarks_of(self._psnet, crops), crops)}
        return figures | retrieval_figures(self._validation())

    def _validation(self) -> Encoded:
        return self._encoded(self._data.validation, self._options.validation_garments)

    def _encoded(self, garments: GarmentViews, most: int) -> Encoded:
        return encoded_views(self._psnet, garments, most, 1 + self._options.validation_copies, self._seed)

    def finish(self, out: Path) -> None:
        """Write psnet.pt, and spec.json with learnt region weights and calibration."""
        from seamline.training.calibrate import calibrate

        with torch.inference_mode():
            learnt, unseen = self._encoded(self._data.garments, self._options.weight_garments), self._validation()
        weights = learn_weights(weight_triplets(learnt), self._options.weights)
        spec = dataclasses.replace(DEFAULT_SPEC, encoder=encoder_spec(self._options.network))
        scoring = dataclasses.replace(spec.scoring, part_weights=weights)
        found = calibrate(unseen.vectors, unseen.views, scoring, spec.parts, self._seed, ranking=spec.rankings[0])
        scoring = found.applied_to(scoring)
        spec = dataclasses.replace(spec, scoring=scoring)
        save(self._psnet, out / "psnet.pt")
        (out / "spec.json").write_text(spec.to_json(), encoding="utf-8")


def check(options: PSNetOptions) -> None:
    """Raises BadConfig where there is no such file to start from."""
    for name, file in (("landmark_backbone", options.landmark_backbone), ("start", options.start)):
        if file and not Path(file).is_file():
            raise BadConfig(f"psnet.{name}: there is no {file}; name a file that training wrote")


def _build(sources: Sources, options: PSNetOptions, seed: int) -> PSNetTask:
    crops = build_store(sources.train(), sources.photos, sources.labels, sources.work / "psnet-train")
    trusted = sources.validation(options.trust)
    validation = build_store(trusted, sources.photos, sources.labels, sources.work / "psnet-validation")
    if options.source == "perturbed":
        learn: GarmentViews = PerturbedViews(crops, options.trust)
        unseen: GarmentViews = PerturbedViews(validation, options.trust)
    else:
        learn, unseen = _copied(sources, options, "train"), _copied(sources, options, "validation")
    for name, garments, least in (("train", learn, options.batch // options.views), ("validation", unseen, 2)):
        if len(garments) < least:
            raise BadConfig(f"labels: {len(garments)} garments to {name} with can be trusted; {least} are needed")
    return PSNetTask(PSNetData(learn, unseen, crops, validation), options, seed)


def _copied(sources: Sources, options: PSNetOptions, part: str) -> CopiedViews:
    from seamline.training.generated_copies import build_view_store

    labels = sources.train(options.trust) if part == "train" else sources.validation(options.trust)
    labels = [label for label in labels if label.mask and label.box_trust >= options.trust]
    folder = sources.work / f"psnet-copies-{part}"
    return CopiedViews(build_view_store(labels, sources.photos, sources.labels, folder, options.copies))


KIND = TaskKind(
    PSNetOptions(),
    LoopSettings(
        steps=8000,
        milestones=(61 / 80, 71 / 80),
        groups={"landmarks": GroupSettings(milestones=(9 / 80, 12 / 80), until=12 / 80)},
    ),
    _build,
    check,
)
"""Adam, 0.001, a tenth of it from epoch 61 of 80 and again from 71; the landmark branch from 9, until 12."""
