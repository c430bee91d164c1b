"""`seamline evaluate`."""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import options
from seamline.cli.exits import DONE
from seamline.cli.output import info, printable, show, show_json
from seamline.core.errors import BadOption, Unsupported
from seamline.core.output_files import check_output, write_text

if TYPE_CHECKING:
    from seamline.evaluation.report import Report

Numbers = tuple[int, int, int, int | None, int | None]
"""Of `seamline.evaluation.photos.Options`, from `copies` on."""

LEVEL_NAMES = ("easy", "medium", "hard")
SECTIONS = ("pairs", "detector", "landmarks", "retrieval", "worn", "cross", "rotation")


def evaluate(
    photos: Annotated[
        Path,
        typer.Argument(
            metavar="PHOTOS",
            exists=True,
            file_okay=False,
            show_default=False,
            help="Folder with flatlay/validation, and perhaps flatlay/train, street/, pairs.json, landmarks.json and "
            "street_landmarks.jsonl.",
        ),
    ],
    system: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME[,NAME]", help="Systems that are served; by default the default one."),
    ] = None,
    weights: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[NAME=]FOLDER", help="What export wrote, instead of or beside what is served; may be repeated."
        ),
    ] = None,
    ranking: Annotated[
        list[str] | None, typer.Option(metavar="NAME[,NAME]", help="Rankings; by default all that are served.")
    ] = None,
    model_repository: Annotated[
        Path | None, typer.Option(metavar="DIR", exists=True, file_okay=False, help="By default the checkout's.")
    ] = None,
    level: Annotated[
        str, typer.Option(metavar="NAME", help=f"How hard the copies are: {', '.join(LEVEL_NAMES)}.")
    ] = "medium",
    copies: Annotated[int, typer.Option(metavar="N", min=1, help="Copies of each original.")] = 3,
    queries: Annotated[int | None, typer.Option(metavar="N", min=1, help="At most so many originals.")] = None,
    gallery: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="At most so many photos to search in.")
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="SECTION", help=f"Any of {', '.join(SECTIONS)}; may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of everything that is drawn.")] = 0,
    processes: Annotated[int, typer.Option(metavar="N", min=1, help="Processes at work.")] = 2,
    cache: Annotated[
        Path | None, typer.Option(metavar="FOLDER", file_okay=False, help="What is computed once is kept here.")
    ] = None,
    as_json: options.AsJson = False,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Also write Markdown tables.")
    ] = None,
) -> int:
    """Measure systems: do they find real second photos, copies of known garments, worn and turned ones too, among all,
    and is the evidence good? Every system and ranking has a row in the same tables."""
    _check("--level", [level], LEVEL_NAMES)
    _check("--only", only or [], SECTIONS)
    if markdown is not None:
        check_output(markdown)
    sources = Sources(_split(system), weights or [], _split(ranking), model_repository)
    report = _measured(photos, sources, level, only or SECTIONS, (copies, seed, processes, queries, gallery), cache)
    table = report.to_table()
    if as_json:
        show_json(report.to_data())
    else:
        show(table)
    if markdown is not None:
        write_text(markdown, report.to_markdown())
        info(f"Markdown: {printable(markdown)}")
    return DONE


@dataclasses.dataclass(frozen=True)
class Sources:
    """What is measured, as it was asked for."""

    systems: list[str]
    folders: list[str]
    rankings: list[str]
    repository: Path | None


def _split(values: list[str] | None) -> list[str]:
    return [name for value in values or [] for name in value.split(",") if name]


def _check(option: str, values: list[str], known: tuple[str, ...]) -> None:
    """Raises BadOption."""
    for value in values:
        if value not in known:
            raise BadOption(f"{option}: {value!r} is none of {', '.join(known)}")


def _measured(
    photos: Path, sources: Sources, level: str, only: Sequence[str], numbers: Numbers, cache: Path | None
) -> Report:
    """Raises Unsupported where the packages for it are not installed."""
    from seamline.local.options import default_model_repository

    try:
        from seamline.evaluation.photos import Options
        from seamline.evaluation.report import default_cache
        from seamline.evaluation.run import evaluate_systems, systems_of
        from seamline.ranking import RANKINGS

        importlib.import_module("onnxruntime")  # which opens the networks later
    except ModuleNotFoundError as error:
        raise Unsupported(
            f"evaluating needs the package {error.name}; install the extra: pip install 'seamline[local,draw]'"
        ) from error
    _check("--ranking", sources.rankings, tuple(RANKINGS))
    systems = systems_of(sources.systems, sources.folders, sources.repository or default_model_repository())
    return evaluate_systems(Options(photos, cache or default_cache(), *numbers), systems, level, only, sources.rankings)
