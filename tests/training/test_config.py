"""Training configurations: every mistake is named by its key, with what is allowed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from seamline.systems import SYSTEMS, system_named
from seamline.training.config import read_config
from seamline.training.errors import BadConfig
from seamline.training.settings import GroupSettings
from seamline.training.tasks import SHARED, task_kind, task_modules

ROOT = Path(__file__).parents[2]
SYSTEM_FOLDERS = ROOT / "seamline" / "systems"
SHIPPED = sorted([*(ROOT / "configs" / "train").glob("*.toml"), *SYSTEM_FOLDERS.glob("*/*.toml")])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "photos").mkdir()
    return tmp_path


def config_file(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    head = "" if "task =" in text else 'task = "psnet_lite_landmarks"\n'
    path.write_text(f"photos = '{folder / 'photos'}'\nout = 'out'\n{head}{text}", encoding="utf-8")
    return path


def test_keys_that_are_not_named_keep_the_tasks_defaults(folder: Path) -> None:
    config = read_config(
        config_file(folder, "seed = 7\n[loop]\nsteps = 30\n[psnet_lite_landmarks]\nbatch = 4\nsigma = 2\n")
    )
    assert (config.seed, config.loop.steps, config.options.batch, config.options.sigma) == (7, 30, 4, 2.0)
    assert isinstance(config.options.sigma, float)
    assert config.loop == type(config.loop)(**{**vars(config.kind.loop), "steps": 30})
    assert config.out == Path("out")


def test_groups_of_parameters_have_tables_of_their_own(folder: Path) -> None:
    text = "[loop]\nmilestones = [0.5, 1]\n[loop.groups.backbone]\nuntil = 0.5\n[loop.groups.other]\nrate = 0\n"
    groups = read_config(config_file(folder, text)).loop.groups
    assert groups == {"backbone": GroupSettings(rate=4e-4, until=0.5), "other": GroupSettings(rate=0.0)}


def test_the_command_line_overrides_the_file(folder: Path) -> None:
    path = config_file(folder, "[loop]\nsteps = 30\n")
    sets = [
        "loop.steps=5",
        "loop.schedule=constant",
        "loop.milestones=[0.5]",
        "psnet_lite_landmarks.imagenet=false",
        "seed = 3",
    ]
    config = read_config(path, sets, {"out": folder / "elsewhere", "photos": None})
    assert (config.loop.steps, config.loop.schedule, config.loop.milestones) == (5, "constant", (0.5,))
    assert (config.options.imagenet, config.seed, config.out) == (False, 3, folder / "elsewhere")


@pytest.mark.parametrize(("text", "message"), [
    ("task = 'poetry'\n", r"task must be one of psnet_lite_landmarks, psnet_lite, psnet, detector, not 'poetry'"),
    ("task = 'retrieval'\n", r"'retrieval' is now 'psnet_lite': write task = \"psnet_lite\", and \[psnet_lite\]"),
    ("sede = 1\n", r"sede is not a known key; did you mean seed\?"),
    ("[loop]\nstepz = 1\n", r"loop\.stepz is not a known key; did you mean steps\? \(\[loop\] has steps, .*workers"),
    ("[detector]\nbatch = 1\n", r"detector is not a known key .*psnet_lite_landmarks"),
    ("[loop]\nsteps = 'many'\n", r"loop\.steps must be a whole number, not 'many'"),
    ("[loop]\nsteps = 1.5\n", r"loop\.steps must be a whole number, not 1\.5"),
    ("[loop]\nsteps = true\n", r"loop\.steps must be a whole number, not True"),
    ("[loop]\nsteps = 0\n", r"loop\.steps must be at least 1"),
    ("[loop]\noptimiser = 'sgd'\n", r"loop\.optimiser must be one of adam, adamw, not 'sgd'"),
    ("[loop]\nmilestones = 0.5\n", r"loop\.milestones must be a list, not 0\.5"),
    ("[loop]\nmilestones = [0.5, 'x']\n", r"loop\.milestones\[1\] must be a number, not 'x'"),
    ("[loop]\nmilestones = [61, 71]\n", r"loop\.milestones must be rising shares"),
    ("[loop]\ngroups = 3\n", r"loop\.groups must be a table"),
    ("[loop.groups.head]\nuntil = 2.0\n", r"loop\.groups\.head\.until must be a share"),
    ("loop = 5\n", r"loop must be a table, not 5"),
    ("seed = -1\n", r"seed and threads must not be negative"),
    ("labels = 'nowhere'\n", r"labels: nowhere is not a folder"),
    ("task = 'psnet'\n[psnet.network]\nattention = 'much'\n", r"psnet\.network\.attention must be one of psnet, unet"),
    ("task = 'psnet'\n[psnet]\nsource = 'thin air'\n", r"psnet\.source must be one of perturbed, generated"),
    ("task = 'detector'\n[detector]\nside = 100\n", r"detector\.side must be a multiple of 32"),
    ("this is no TOML\n", r"is not TOML: .*line 4"),
])  # fmt: skip
def test_a_mistake_is_named(folder: Path, text: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        read_config(config_file(folder, text))


@pytest.mark.parametrize(("override", "message"), [
    ("loop.steps", "write KEY=VALUE"),
    ("=3", "write KEY=VALUE"),
    ("seed.more=3", "seed is not a table"),
    ("loop.nothing=3", r"loop\.nothing is not a known key"),
])  # fmt: skip
def test_a_mistake_in_an_override_is_named(folder: Path, override: str, message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        read_config(config_file(folder, "seed = 0\n"), [override])


def test_missing_files_and_folders_are_named(folder: Path) -> None:
    with pytest.raises(BadConfig, match=r"nothing\.toml cannot be read"):
        read_config(folder / "nothing.toml")
    (folder / "bare.toml").write_text('task = "detector"\n')
    with pytest.raises(BadConfig, match=r"photos is missing; .*--photos FOLDER"):
        read_config(folder / "bare.toml")
    with pytest.raises(BadConfig, match="out is missing"):
        read_config(folder / "bare.toml", paths={"photos": folder})
    with pytest.raises(BadConfig, match=r"photos: .*none is not a folder"):
        read_config(folder / "bare.toml", paths={"photos": folder / "none", "out": folder})


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_configurations_that_come_along_can_be_read(path: Path, folder: Path) -> None:
    config = read_config(path, paths={"photos": folder, "out": folder})
    assert config.task in task_modules()


def test_every_task_belongs_to_one_system_or_is_shared() -> None:
    tasks = [task for name in SYSTEMS for task in system_named(name).tasks]
    assert sorted([*tasks, *SHARED]) == sorted(task_modules())
    for task in task_modules():
        assert dataclasses.is_dataclass(task_kind(task).options)


def test_psnet_toml_is_the_paper(folder: Path) -> None:
    config = read_config(SYSTEM_FOLDERS / "psnet" / "config.toml", paths={"photos": folder, "out": folder})
    network, epoch = config.options.network, config.loop.steps // 80
    assert (network.heatmap_side, network.width, network.shared_backbone, network.attention) == (
        224,
        1024,
        False,
        "psnet",
    )
    assert config.options.loss == "triplet"
    rates = {n: config.loop.rate_at(n * epoch) for n in (0, 60, 61, 70, 71, 79)}
    assert list(rates.values()) == pytest.approx([1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5])
    landmarks = [config.loop.rate_at(n * epoch, "landmarks") for n in (8, 9, 11, 12)]
    assert landmarks == pytest.approx([1e-3, 1e-4, 1e-4, 0.0])


def test_a_configuration_that_never_ends_is_refused() -> None:
    with pytest.raises(BadConfig, match="/dev/zero goes on after 1,000,000 characters"):
        read_config(Path("/dev/zero"))
