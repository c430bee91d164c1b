"""`seamline evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli import given
from seamline.cli.exits import DONE
from seamline.cli.screen import printable, remark, show, show_json
from seamline.core.errors import BadOption, Unsupported

if TYPE_CHECKING:
    from seamline.evaluation.figures import Report

Settings = tuple[Path, int, int, int, int | None, int | None]
"""Of `seamline.evaluation.run.Options`, from `cache` on."""

LEVEL_NAMES = ("easy", "medium", "hard")
PARTS = ("detector", "landmarks", "retrieval")


def evaluate(
    photos: Annotated[
        Path,
        typer.Argument(
            metavar="PHOTOS",
            exists=True,
            file_okay=False,
            show_default=False,
            help="Folder with flatlay/validation, and perhaps flatlay/train, street/ and landmarks.json.",
        ),
    ],
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", exists=True, file_okay=False, help="What export wrote, instead of what is served."
        ),
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
        list[str] | None, typer.Option(metavar="PART", help=f"Any of {', '.join(PARTS)}; may be repeated.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of everything that is drawn.")] = 0,
    processes: Annotated[int, typer.Option(metavar="N", min=1, help="Processes at work.")] = 2,
    cache: Annotated[
        Path | None, typer.Option(metavar="FOLDER", file_okay=False, help="What is computed once is kept here.")
    ] = None,
    as_json: given.AsJson = False,
    markdown: Annotated[
        Path | None, typer.Option(metavar="FILE", dir_okay=False, help="Also write Markdown tables.")
    ] = None,
) -> int:
    """Measure networks: how many copies of known garments they find among all photos, and how good the evidence is."""
    _check("--level", [level], LEVEL_NAMES)
    _check("--only", only or [], PARTS)
    settings = cache or default_cache(), copies, seed, processes, queries, gallery
    report = _measured(photos, weights, model_repository, level, tuple(only or PARTS), settings)
    if as_json:
        show_json(report.to_data())
    else:
        show(report.to_table())
    if markdown is not None:
        markdown.write_text(report.to_markdown(), encoding="utf-8")
        remark(f"Markdown: {printable(markdown)}")
    return DONE


def default_cache() -> Path:
    """Where the benchmark keeps what it computes, too."""
    return Path.home() / ".cache" / "seamline" / "quality"


def _check(option: str, values: list[str], known: tuple[str, ...]) -> None:
    """Raises BadOption."""
    for value in values:
        if value not in known:
            raise BadOption(f"{option}: {value!r} is none of {', '.join(known)}")


def _measured(
    photos: Path, weights: Path | None, repository: Path | None, level: str, only: tuple[str, ...], settings: Settings
) -> Report:
    """Raises Unsupported where the packages for it are not installed."""
    from seamline.local.options import default_model_repository

    try:
        from seamline.evaluation.run import Options, evaluated
        from seamline.serving.weights import Weights
    except ModuleNotFoundError as error:
        raise Unsupported(
            f"evaluating needs the package {error.name}; install the extra: pip install 'seamline[local,draw]'"
        ) from error
    served = repository or default_model_repository()
    measured = Weights.of_repository(served) if weights is None else Weights.of_folder(weights, served)
    return evaluated(Options(photos, *settings), measured, level, only)
