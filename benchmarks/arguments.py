"""The command-line arguments that benchmarks share."""

from __future__ import annotations

import argparse
from pathlib import Path

_ROOT = Path(__file__).parents[1]


def parser_of(program: str, docstring: str | None) -> argparse.ArgumentParser:
    """A parser for `python -m PROGRAM`, described by what its docstring says after the command, up to an empty line."""
    command, _, said = " ".join((docstring or "").partition("\n\n")[0].split()).partition("`: ")
    return argparse.ArgumentParser(prog=f"python -m {program}", description=said or command)


def add_photos(parser: argparse.ArgumentParser, what: str = "folder of photos") -> None:
    """The photos, and the seed by which they are chosen."""
    parser.add_argument("photos", type=Path, help=what)
    parser.add_argument("--seed", type=int, default=0, help="chooses photos (default: %(default)s)")


def add_model_repository(parser: argparse.ArgumentParser) -> None:
    """The networks and steps that are measured, by default those that are delivered."""
    parser.add_argument("--model-repository", type=Path, default=_ROOT / "model_repository")


def add_ensembles(parser: argparse.ArgumentParser, option: str = "--ensembles") -> None:
    """The repository of ensembles that a server of the benchmark's own loads as well."""
    parser.add_argument(option, type=Path, default=_ROOT / "ensembles", help="repository of ensembles")


def add_json(parser: argparse.ArgumentParser) -> None:
    """A file for the figures."""
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
