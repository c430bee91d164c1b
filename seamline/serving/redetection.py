"""Garments that do not lie upright are detected again, in crops that turn them back.

A detector names a turned garment less well than an upright one, places it worse, and may take it for upside down. In a
crop that is turned back it names the garment, fits its box, and says whether the turn was right; where it was not, the
crop is turned on, as iterative localisation moves a box on (Gidaris and Komodakis, ICCV 2015). A turn that no crop
confirms counts for none: most garments lie upright, above all those that people wear. Upright garments are not looked
at again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from seamline.core.detections import intersection_over_union, place_of, vote
from seamline.core.image import Pixels, crop_square
from seamline.core.spec import Spec
from seamline.core.upright import SAME, UprightBoxes, upright_boxes
from seamline.serving.place_parts import places_in_photo
from seamline.serving.step import RunNetwork

Floats = NDArray[np.float32]

_SURE = 0.8
"""Length of the detector's vector from which it is believed that a garment lies upright in its crop."""

_ROUNDS = 3
"""Detections after the first one. Of 890 turned validation photos 867 need one, 17 two, and 6 three."""

_MARGIN = 0.15
"""Room about a garment's box on all sides, as a share of its longer side."""

_OUTPUTS = ("DETECTOR_BOXES", "DETECTOR_SCORES", "DETECTOR_DIRECTIONS")


@dataclasses.dataclass(frozen=True)
class _Turned:
    """A garment's box (4,) as it would be were the garment turned back by `turn` about the box's centre."""

    box: Floats
    turn: float


@dataclasses.dataclass(frozen=True)
class _Seen:
    """What the detector sees of a garment in its crop: a category and where it lies. `upright`: it is so in the crop;
    else it may be once it is turned on."""

    category: str
    turned: _Turned
    upright: bool


class Redetection:
    """Boxes, turns and categories of garments that do not lie upright."""

    def __init__(self, spec: Spec, run_network: RunNetwork) -> None:
        self._spec, self._run = spec, run_network

    def confirmed(
        self, rgb: Pixels, boxes: Floats, places: Floats, directions: Floats, categories: Sequence[str]
    ) -> tuple[UprightBoxes, tuple[str, ...]]:
        """The garments of a photo along their own axes, and their categories (n,).

        boxes, places (n, 4) and directions (n, 2) as `upright_boxes` takes them, in the pixels of `rgb`. Raises what
        running the detector raises.
        """
        within = self._spec.detector.upright_within
        guesses = upright_boxes(boxes, places, directions, within)
        turned = {row: _Turned(guesses.boxes[row], float(guesses.turns[row])) for row in np.flatnonzero(guesses.turns)}
        seen = self._seen_upright(rgb, turned)
        found = UprightBoxes(boxes.astype(np.float32), np.zeros(len(boxes), np.float32))
        for row, one in seen.items():
            if abs(one.turned.turn) > np.radians(within):
                found.boxes[row], found.turns[row] = one.turned.box, one.turned.turn
        return found, tuple(seen[row].category if row in seen else name for row, name in enumerate(categories))

    def _seen_upright(self, rgb: Pixels, turned: Mapping[int, _Turned]) -> dict[int, _Seen]:
        """Of garments by row, what the detector sees of those that come to lie upright in a crop."""
        found: dict[int, _Seen] = {}
        for _ in range(_ROUNDS):
            seen = zip(turned, self._seen(rgb, list(turned.values())), strict=True)
            known = {row: one for row, one in seen if one is not None}
            found |= {row: one for row, one in known.items() if one.upright}
            turned = {row: one.turned for row, one in known.items() if not one.upright and _fits(one.turned, rgb)}
        return found

    def _seen(self, rgb: Pixels, garments: Sequence[_Turned]) -> Iterator[_Seen | None]:
        side, most, fill = self._spec.detector.side, self._spec.detector.max_garments, self._spec.photo.fill
        for start in range(0, len(garments), most):
            batch = garments[start : start + most]
            cut = [crop_square(rgb, one.box, side, _MARGIN, fill, one.turn) for one in batch]
            answer = self._run("detector", {"DETECTOR_INPUT": np.stack([crop for crop, _ in cut])}, _OUTPUTS)
            raw = zip(*(answer[name] for name in _OUTPUTS), strict=True)
            for one, (_, square), outputs in zip(batch, cut, raw, strict=True):
                yield self._read(one, square, *outputs)

    def _read(
        self, garment: _Turned, square: Floats, boxes: Floats, scores: Floats, directions: Floats
    ) -> _Seen | None:
        """`square` (5,): the crop's; boxes (N, 4), scores (N, 13), directions (N, 2): what the detector says of it.
        None where it sees another garment, or is not sure which way up this one lies."""
        side, within = self._spec.detector.side, self._spec.detector.upright_within
        scale = side / (square[2] - square[0])
        cropped = ((garment.box - square[[0, 1, 0, 1]]) * scale).astype(np.float32)
        place = place_of(cropped, boxes, scores)
        if scores[place].max() <= 0 or intersection_over_union(cropped, boxes[place][None])[0] < SAME:
            return None
        box, category = vote(place, boxes, scores)
        again = upright_boxes(box[None], boxes[place][None], directions[place][None], within)
        is_upright = bool(again.turns[0] == 0)
        if is_upright and np.hypot(*directions[place]) < _SURE:
            return None
        turn = garment.turn if is_upright else float(np.angle(np.exp(1j * (garment.turn + again.turns[0]))))
        turned = _Turned(_in_photo(again.boxes[0], square, side), turn)
        return _Seen(category, turned, is_upright)


def _fits(garment: _Turned, rgb: Pixels) -> bool:
    """Whether a photo can show so large a garment."""
    width, height = garment.box[2:] - garment.box[:2]
    return bool(max(width, height) <= np.hypot(rgb.shape[0], rgb.shape[1]))


def _in_photo(box: Floats, square: Floats, side: int) -> Floats:
    """A box (4,) of a crop, its size along the crop's sides and its centre in the photo."""
    centre = places_in_photo((box[None, None, :2] + box[None, None, 2:]) / 2, square[None], side)[0, 0]
    half = (box[2:] - box[:2]) / 2 * (square[2] - square[0]) / side
    return np.concatenate([centre - half, centre + half]).astype(np.float32)
