"""`seamline systems`."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from seamline.cli import options
from seamline.cli.exits import DONE
from seamline.cli.output import info, printable, show, show_json
from seamline.core.errors import SeamlineError
from seamline.systems import DEFAULT, SYSTEMS, system_named

if TYPE_CHECKING:
    from seamline.core.parts import Parts
    from seamline.core.spec import Spec
    from seamline.evaluation.report import Figure

_NAMED_PARTS = 6
"""Parts up to which all names are shown."""


@dataclasses.dataclass(frozen=True)
class SystemState:
    """One system and where it stands.

    `trained`: a folder of its weights. `installed`: fingerprint of those in the model repository. `served`: whether the
    server answers for it, None where no server runs. `figure`: of its last evaluation.
    """

    name: str
    paper: str
    summary: str
    parts: Parts
    trained: Path | None
    installed: str | None
    served: bool | None
    figure: Figure | None

    def to_jsonable(self) -> dict[str, Any]:
        """For programs."""
        return {
            "name": self.name,
            "default": self.name == DEFAULT,
            "paper": self.paper,
            "summary": self.summary,
            "parts": list(self.parts.names),
            "dimension": self.parts.dimension,
            "trained": None if self.trained is None else str(self.trained),
            "installed": self.installed,
            "served": self.served,
            "figure": None if self.figure is None else dataclasses.asdict(self.figure),
        }


def systems(
    weights: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", exists=True, file_okay=False, help="Trained weights; by default ./weights."),
    ] = None,
    model_repository: Annotated[
        Path | None, typer.Option(metavar="DIR", exists=True, file_okay=False, help="By default the checkout's.")
    ] = None,
    cache: Annotated[
        Path | None, typer.Option(metavar="FOLDER", file_okay=False, help="That of `seamline evaluate`.")
    ] = None,
    as_json: options.AsJson = False,
    url: options.Url = None,
    timeout: options.Timeout = 5.0,
) -> int:
    """List the systems: paper, parts, whether trained, installed and served, and the last evaluation's figure."""
    from seamline.local.options import default_model_repository

    repository = model_repository or default_model_repository()
    trained = _trained(weights or Path("weights"))
    served = _served(url, timeout)
    found = [_state(name, trained, repository, served, cache) for name in SYSTEMS]
    if as_json:
        show_json([one.to_jsonable() for one in found])
    else:
        _show_table(found)
    return DONE


def _state(
    name: str, trained: dict[str, tuple[Path, Spec]], repository: Path, served: Sequence[str] | None, cache: Path | None
) -> SystemState:
    system, installed = system_named(name), _installed(name, repository)
    folder, own = trained.get(name, (None, None))
    spec = installed or own or system.spec()
    return SystemState(
        name=name,
        paper=system.paper,
        summary=system.summary,
        parts=spec.parts,
        trained=folder,
        installed=None if installed is None else installed.fingerprint,
        served=None if served is None else name in served,
        figure=_figure(name, cache),
    )


def _trained(folder: Path) -> dict[str, tuple[Path, Spec]]:
    """System -> folder and spec of its weights, in this folder or one below it."""
    from seamline.core.spec import Spec

    found: dict[str, tuple[Path, Spec]] = {}
    for file in sorted([*folder.glob("spec.json"), *folder.glob("*/spec.json")]):
        try:
            spec = Spec.load(file)
        except SeamlineError as failure:
            info(f"{printable(file)}: {failure}")
        else:
            found.setdefault(spec.system, (file.parent, spec))
    return found


def _installed(name: str, repository: Path) -> Spec | None:
    from seamline.serving.weights import Weights

    try:
        spec = Weights.of_repository(repository, name).spec
    except SeamlineError:  # a step is missing, or the repository
        return None
    return spec if spec.system == name else None


def installed_systems() -> dict[str, str]:
    """Fingerprint -> system, of the weights in the model repository of this machine."""
    from seamline.local.options import default_model_repository

    specs = [_installed(name, default_model_repository()) for name in SYSTEMS]
    return {spec.fingerprint: spec.system for spec in specs if spec is not None}


def _served(url: str | None, timeout: float) -> tuple[str, ...] | None:
    from seamline.client import Client
    from seamline.core.errors import Unavailable

    try:
        with Client(url, timeout=timeout, retries=0) as client:
            return client.systems()
    except Unavailable as failure:
        info(str(failure))
        return None


def _figure(name: str, cache: Path | None) -> Figure | None:
    from seamline.evaluation.report import last_figure

    return last_figure(name, cache)


def _show_table(found: Sequence[SystemState]) -> None:
    from seamline.cli.tables import table

    rows = table("system", "paper", "parts", "trained", "installed", "served", ">mAP")
    for one in found:
        default = " (default)" if one.name == DEFAULT else ""
        served = "-" if not one.served else "yes"
        trained = "-" if one.trained is None else printable(one.trained)
        figure = "-" if one.figure is None else f"{one.figure.value:.3f}"
        rows.add_row(one.name + default, one.paper, _names(one.parts), trained, one.installed or "-", served, figure)
    show(rows)


def _names(parts: Parts) -> str:
    names = [name.replace("_", " ") for name in parts.names]
    shown = names if len(names) <= _NAMED_PARTS else [*names[: _NAMED_PARTS - 1], "..."]
    return printable(f"{len(names)}: {', '.join(shown)}")
