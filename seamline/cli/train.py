"""`seamline train`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from seamline.cli.exits import DONE, INTERRUPTED
from seamline.cli.output import info, printable, show, show_json

if TYPE_CHECKING:
    from seamline.training.loop import Outcome

Config = Annotated[
    Path, typer.Argument(metavar="CONFIG", help="What to train and how: a TOML file.", show_default=False)
]


def train(
    config: Config,
    photos: Annotated[Path | None, typer.Option(metavar="FOLDER", help="Photos to learn from.")] = None,
    labels: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Label files; made from the photos' silhouettes without it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="For results and checkpoints; an interrupted training goes on."),
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key, such as loop.steps=100.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
) -> int:
    """Train a network on one's own photos, or go on with an interrupted training."""
    _check_extra()
    from seamline.training.config import read_config
    from seamline.training.run import run

    chosen = read_config(config, overrides or (), {"photos": photos, "labels": labels, "out": out})
    outcome = run(chosen)
    if as_json:
        show_json({"out": str(chosen.out), "step": outcome.step, "finished": outcome.finished, **_figures(outcome)})
    elif outcome.finished:
        show(f"{chosen.task}: {outcome.step:,} steps, results in {printable(chosen.out)}")
        for name, value in outcome.figures.items():
            show(f"{name}: {value:.4g}")
    if not outcome.finished:
        info(f"stopped after step {outcome.step}; the same command goes on from here")
        return INTERRUPTED
    return DONE


def _check_extra() -> None:
    """Raises Unsupported where the packages of the extra are missing."""
    import importlib.util

    from seamline.core.errors import Unsupported

    missing = [name for name in ("torch", "torchvision", "cv2", "timm") if importlib.util.find_spec(name) is None]
    if missing:
        raise Unsupported(f"training needs {', '.join(missing)}: pip install 'seamline[train]'")


def _figures(outcome: Outcome) -> dict[str, dict[str, float | None]]:
    return {"figures": {name: value if value == value else None for name, value in outcome.figures.items()}}
