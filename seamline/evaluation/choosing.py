"""Which photos an evaluation looks at."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from seamline.core.errors import BadOption
from seamline.data.copies.worn import DEVELOPMENT_NUMBERS, worn_labels
from seamline.data.copies.worn_points import LOWER
from seamline.data.label_file import Label
from seamline.data.landmark_labels import photo_names
from seamline.data.street_landmarks import DEVELOPMENT, FILE, WornGarments, read_street_landmarks
from seamline.evaluation.copies import PositiveCopy, make_copies
from seamline.evaluation.copy_plan import CopyPlan
from seamline.evaluation.labelled import annotated, held_out, street_photos, trusted
from seamline.evaluation.photos import (
    ANNOTATED,
    CATALOGUE,
    CROSS,
    DETECTOR,
    GIVEN,
    HELD_OUT,
    LANDMARKS,
    OF_PAIRS,
    PAIRS,
    RETRIEVAL,
    ROTATION,
    SEARCHES,
    STREET,
    TURNED,
    WORN,
    WORN_GIVEN,
    WORN_ITEMS,
    Box,
    ChosenPhotos,
    Options,
    PhotoSet,
    copied,
)
from seamline.evaluation.real_pairs import RealPairs, read_pairs
from seamline.evaluation.street_items import MOST, StreetItems, chosen_items, street_items
from seamline.evaluation.turned_photos import TurnedPhoto, turned_photos

_ON_PEOPLE = frozenset({WORN, CROSS})


def choose(options: Options, level: str, only: Sequence[str]) -> ChosenPhotos:
    """The photos of the sections `only`; `level`: of the copies of flat-lay photos. What a folder has no photos for is
    left out.

    Raises BadOption where these copies are wanted and `flatlay/validation` has no usable garments.
    """
    names, wanted = photo_names(options.photos), set(only)
    silhouettes = held_out(options, names) if (SEARCHES | {DETECTOR}) & wanted else []
    originals = _drawn(trusted(silhouettes), options)
    pairs = read_pairs(options.photos) if PAIRS in wanted else RealPairs()
    searched = bool((SEARCHES - {PAIRS}) & wanted or pairs.photos)
    hand = _set_by_hand(options.photos) if LANDMARKS in wanted else WornGarments((), ())
    chosen = ChosenPhotos(
        only=tuple(only),
        catalogue=tuple(_catalogue(options, names, originals)) if searched else (),
        pairs=pairs,
        annotated=tuple(annotated(options.photos)) if {DETECTOR, LANDMARKS} & wanted else (),
        worn=hand.of(DEVELOPMENT),
        silhouettes=tuple(silhouettes) if DETECTOR in wanted else (),
        refused=hand.refused,
    )
    chosen = _with_copies(chosen, options, level, originals)
    if ROTATION in wanted:
        chosen = dataclasses.replace(chosen, turned=_turned(options, chosen.catalogue))
    sets = {name: photos for name, photos in _sets(options.photos, chosen).items() if photos.files}
    return dataclasses.replace(chosen, sets=sets)


def _with_copies(chosen: ChosenPhotos, options: Options, level: str, originals: Sequence[Label]) -> ChosenPhotos:
    """The copies of all levels that are wanted, and the garments on people among which two of them are searched."""
    copies: dict[str, Sequence[PositiveCopy]] = {}
    if RETRIEVAL in chosen.only:
        if not originals:
            raise BadOption(
                f"{options.photos} has no flatlay/validation/<class>/ with photos of garments that stand out"
            )
        copies[level] = _made(options, originals, level)
    if not (_ON_PEOPLE & set(chosen.only) and (options.photos / FILE).is_file()):
        return dataclasses.replace(chosen, copies={name: tuple(made) for name, made in copies.items()})
    worn = worn_labels(options.photos, options.cache, DEVELOPMENT_NUMBERS)
    if WORN in chosen.only:
        copies[WORN] = _made(options, _drawn(worn.labels, options), WORN)
    wearers = [label for label in worn.labels if label.category not in LOWER]
    if CROSS in chosen.only and wearers:
        copies[CROSS] = _made(options, [one for one in originals if one.category not in LOWER], CROSS, wearers)
    items = _items(options, [one.original for one in copies.get(WORN, ())])
    return dataclasses.replace(
        chosen,
        copies={name: tuple(made) for name, made in copies.items() if made},
        items=items.items,
        refused=tuple(dict.fromkeys((*chosen.refused, *worn.refused, *items.refused))),
    )


def _made(options: Options, originals: Sequence[Label], level: str, worn: Sequence[Label] = ()) -> list[PositiveCopy]:
    plan = CopyPlan(
        options.photos, options.cache, tuple(originals), level, options.copies, options.seed, worn=tuple(worn)
    )
    return make_copies(plan, options.cache, options.processes)


def _items(options: Options, originals: Iterable[str]) -> StreetItems:
    every = street_items(options.photos, options.cache)
    most = MOST if options.gallery is None else min(MOST, options.gallery)
    return dataclasses.replace(every, items=chosen_items(every.items, set(originals), most, options.seed))


def _set_by_hand(photos: Path) -> WornGarments:
    return read_street_landmarks(photos) if (photos / FILE).is_file() else WornGarments((), ())


def _turned(options: Options, catalogue: Sequence[str]) -> tuple[TurnedPhoto, ...]:
    held_out_names = [name for name in catalogue if "/validation/" in name][: options.queries]
    return turned_photos(options.photos, held_out_names, options.cache, options.seed, options.processes)


def _drawn(usable: Sequence[Label], options: Options) -> list[Label]:
    """All originals, or as many as are asked for."""
    if options.queries is None or options.queries >= len(usable):
        return list(usable)
    chosen = np.random.default_rng(options.seed).choice(len(usable), options.queries, replace=False)
    return [usable[int(index)] for index in np.sort(chosen)]


def _catalogue(options: Options, names: list[str], originals: Sequence[Label]) -> list[str]:
    """All flat-lay photos, or so many of them, the originals always among them."""
    if options.gallery is None or options.gallery >= len(names):
        return names
    wanted = {label.photo for label in originals}
    others = [name for name in names if name not in wanted]
    most = max(0, options.gallery - len(wanted))
    chosen = np.random.default_rng(options.seed).choice(len(others), min(most, len(others)), replace=False)
    return sorted(wanted | {others[int(index)] for index in chosen})


def _sets(folder: Path, chosen: ChosenPhotos) -> dict[str, PhotoSet]:
    def files(names: Iterable[str]) -> tuple[Path, ...]:
        return tuple(folder / name for name in names)

    def boxed(what: str, several: Sequence[tuple[str, Box]]) -> PhotoSet:
        return PhotoSet(what, files(name for name, _ in several), tuple(box for _, box in several))

    marked = chosen.annotated if LANDMARKS in chosen.only else ()
    return {
        CATALOGUE: PhotoSet("garments of the gallery", files(chosen.catalogue)),
        OF_PAIRS: PhotoSet("garments of pairs", files(chosen.names[len(chosen.catalogue) :])),
        WORN_ITEMS: boxed("garments on people", [(item.photo, item.box) for item in chosen.items]),
        **{copied(level): _of_copies(level, made) for level, made in chosen.copies.items()},
        TURNED: PhotoSet("garments of turned photos", tuple(one.file for one in chosen.turned)),
        ANNOTATED: PhotoSet("garments of annotated photos", files(item.file for item in chosen.annotated)),
        GIVEN: boxed("garments in known boxes", [(item.file, item.box) for item in marked]),
        WORN_GIVEN: boxed("people in known boxes", [(item.file, item.box) for item in chosen.worn]),
        HELD_OUT: PhotoSet("garments of held-out photos", files(one.photo for one in chosen.silhouettes), weak=True),
        STREET: PhotoSet(
            "garments of street photos", street_photos(folder) if DETECTOR in chosen.only else (), weak=True
        ),
    }


def _of_copies(level: str, made: Sequence[PositiveCopy]) -> PhotoSet:
    """A garment on a person is searched for in its own box, as its original was."""
    boxes = [(one.box[0], one.box[1], one.box[2], one.box[3]) for one in made]
    files = tuple(one.file for one in made)
    return PhotoSet(f"garments of {level} copies", files, tuple(boxes) if level in _ON_PEOPLE else None)
