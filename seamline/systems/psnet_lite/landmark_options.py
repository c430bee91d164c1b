"""Options of the landmark branch's training."""

from __future__ import annotations

import dataclasses

from seamline.training.augment import Augmentation


@dataclasses.dataclass(frozen=True)
class PeopleViews:
    """Shares of a batch: `marked` worn garments, and `street` ones whose pixels alone are labelled. The rest are single
    garments, of which `dressed` are laid on people. Something more lies on `covered` of the worn ones.

    `occluded`: the confidence that a point shall have that is hidden and whose place can be told all the same; its
    place counts half.
    """

    marked: float = 0.0
    street: float = 0.0
    dressed: float = 0.0
    covered: float = 0.0
    occluded: float = 0.6


@dataclasses.dataclass(frozen=True)
class LandmarkViews:
    """How batches are drawn: the first `small_steps` steps use views of `small_side` pixels, the others the crop's
    side.

    `sigma`: spread of the target in heatmap cells. `least_trust`: crops whose points are trusted less are never drawn.
    Of the crops of single garments, drawn ones make up `drawn_share`, and those whose points were set by eye about
    `by_eye_share` of the others. `people`: what garments on people add.
    """

    batch: int = 16
    small_steps: int = 1500
    small_side: int = 160
    sigma: float = 1.3
    least_trust: float = 0.15
    drawn_share: float = 0.2
    by_eye_share: float = 0.4
    augmentation: Augmentation = dataclasses.field(default_factory=Augmentation)
    people: PeopleViews = dataclasses.field(default_factory=PeopleViews)


@dataclasses.dataclass(frozen=True)
class LandmarkOptions(LandmarkViews):
    """`start`: the landmarks.pt of a training, its folder, or the model.onnx of an encoder to go on from; "" begins
    with ImageNet's features. `frozen_stages` of the backbone are not trained. `drawn`: garments to draw besides the
    photos. `validation_trust`: labels that are evaluated on are trusted that far. From epoch `self_labels_from` on, of
    `epoch_steps` steps, worn garments without points are learnt from where the network is sure of its own; -1: never.
    `further_labels`: a file like street_landmarks.jsonl that marks more garments on people of the same photos;
    `flat_labels`: a file of points of flat garments that were set by eye (`seamline.data.flat_points`).
    `keep_foreground`: learn the start's map of the garment instead of the masks, for what was trained on that map.
    """

    start: str = ""
    frozen_stages: int = 3
    validation_trust: float = 0.9
    drawn: int = 780
    imagenet: bool = True
    epoch_steps: int = 0
    self_labels_from: int = -1
    further_labels: str = ""
    flat_labels: str = ""
    keep_foreground: bool = False
