"""A training's configuration: one TOML file, with overrides from the command line.

task = "psnet"
photos = "photos"        # paths start from the folder that the command runs in
out = "trained"

[loop]                   # seamline.training.settings.LoopSettings
steps = 2000

[psnet]                  # the options of the task, under its name
dimension = 128
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seamline.training.errors import BadConfig
from seamline.training.settings import LoopSettings
from seamline.training.tables import check_keys, filled, value_of
from seamline.training.tasks import FORMER_NAMES, TaskKind, task_kind, task_modules

_LONGEST = 1_000_000


@dataclasses.dataclass(frozen=True)
class TrainConfig:
    """What to train, on which photos, where to, and how.

    `labels`: folder of label files, made from the photos' silhouettes when not given. `work`: folder for labels, crops
    and copies that are made, below `out` when not given; trainings that share it make them once. `threads`: of the
    computation on a CPU; 0 for PyTorch's choice. `options`: the task's own dataclass.
    """

    task: str
    photos: Path
    out: Path
    labels: Path | None = None
    work: Path | None = None
    seed: int = 0
    threads: int = 0
    loop: LoopSettings = dataclasses.field(default_factory=LoopSettings)
    options: Any = None

    @property
    def kind(self) -> TaskKind:
        """How the task is built."""
        return task_kind(self.task)

    def hyperparameters(self) -> dict[str, Any]:
        """What decides the result besides seed and loop, as plain values."""
        return {"task": self.task, self.task: _to_jsonable(dataclasses.asdict(self.options))}


def read_config(
    path: Path, overrides: Sequence[str] = (), paths: Mapping[str, Path | None] | None = None
) -> TrainConfig:
    """Read a file and apply overrides such as "loop.steps=100"; `paths` replace those of the file.

    Raises BadConfig naming the key and what is allowed.
    """
    table = _read(path)
    for override in overrides:
        _override(table, override)
    table.update({name: str(value) for name, value in (paths or {}).items() if value is not None})
    try:
        return _config(table)
    except BadConfig as error:
        raise BadConfig(f"{path}: {error}") from error


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LONGEST + 1)
        if len(text) > _LONGEST:
            raise BadConfig(f"{path} goes on after {_LONGEST:,} characters; a configuration is a short TOML file")
        return tomllib.loads(text)
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path} is not TOML: {error}") from error


def _override(table: dict[str, Any], text: str) -> None:
    key, equals, value = (part.strip() for part in text.partition("="))
    *tables, name = key.split(".")
    if not equals or not all([*tables, name]):
        raise BadConfig(f"--set {text}: write KEY=VALUE, such as loop.steps=100")
    for part in tables:
        table = table.setdefault(part, {})
        if not isinstance(table, dict):
            raise BadConfig(f"--set {text}: {part} is not a table")
    table[name] = _toml_value(value)


def _toml_value(text: str) -> Any:
    """The value as TOML writes it; what TOML would not read is text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _config(table: Mapping[str, Any]) -> TrainConfig:
    task = _task(table)
    check_keys(table, ["task", "photos", "labels", "out", "work", "seed", "threads", "loop", task], "")
    kind = task_kind(task)
    labels = table.get("labels")
    config = TrainConfig(
        task,
        _folder(table, "photos"),
        _path(table, "out"),
        None if labels is None else _folder(table, "labels"),
        _path(table, "work") if "work" in table else None,
        value_of(int, table.get("seed", 0), "seed"),
        value_of(int, table.get("threads", 0), "threads"),
        filled(kind.loop, table.get("loop", {}), "loop"),
        filled(kind.options, table.get(task, {}), task),
    )
    if config.seed < 0 or config.threads < 0:
        raise BadConfig("seed and threads must not be negative")
    return config


def _task(table: Mapping[str, Any]) -> str:
    task = table.get("task")
    if task in FORMER_NAMES:
        now = FORMER_NAMES[task]
        raise BadConfig(f'the task {task!r} is now {now!r}: write task = "{now}", and [{now}] for [{task}]')
    known = task_modules()
    if task not in known:
        raise BadConfig(f"task must be one of {', '.join(known)}, not {task!r}" if task else "task is missing")
    return str(task)


def _path(table: Mapping[str, Any], key: str) -> Path:
    if key not in table:
        raise BadConfig(f'{key} is missing; add {key} = "FOLDER" or give --{key} FOLDER')
    return value_of(Path, table[key], key)


def _folder(table: Mapping[str, Any], key: str) -> Path:
    path = _path(table, key)
    if not path.is_dir():
        raise BadConfig(f"{key}: {path} is not a folder")
    return path


def _to_jsonable(value: Any) -> Any:
    """The value with paths as text."""
    if isinstance(value, Mapping):
        return {name: _to_jsonable(item) for name, item in value.items()}
    if isinstance(value, tuple | list):
        return [_to_jsonable(item) for item in value]
    return str(value) if isinstance(value, Path) else value
