"""A file operation that fails, at every place: the repository is byte for byte the old one, or wholly the new one."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from seamline.exporting.install import History, install, repair, rollback, verify, versions
from seamline.exporting.install.candidate import Base, Candidate
from seamline.exporting.install.files import Files
from seamline.exporting.install.opened import described
from seamline.exporting.install.repository import Step, read_steps
from seamline.exporting.install.transaction import Transaction, with_version, without
from seamline.systems import DEFAULT
from tests.support.small_weights import contents, network, write_repository, write_weights

ROOT = Path(__file__).parents[2]


class Failing(Files):
    """A file system that fails at its `fatal`-th operation, and `lasting`ly so after it as for a killed process."""

    def __init__(self, fatal: int = -1, lasting: bool = False) -> None:
        self.done = 0
        self._fatal, self._lasting = fatal, lasting

    def _count(self) -> None:
        self.done += 1
        if self.done == self._fatal or (self._lasting and self.done > self._fatal):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def make_folder(self, folder: Path) -> None:
        self._count()
        super().make_folder(folder)

    def write(self, path: Path, chunks: Iterable[bytes]) -> None:
        data = b"".join(chunks)
        try:
            self._count()
        except OSError:
            path.write_bytes(data[: len(data) // 2])
            raise
        path.write_bytes(data)

    def sync(self, folder: Path) -> None:
        self._count()

    def rename(self, path: Path, to: Path) -> None:
        self._count()
        super().rename(path, to)

    def unlink(self, path: Path) -> None:
        self._count()
        super().unlink(path)

    def remove_folder(self, folder: Path) -> None:
        self._count()
        super().remove_folder(folder)

    def compile(self, path: Path) -> None:
        self._count()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """With two versions, so that a third one also removes the first."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    repository = write_repository(tmp_path)
    for marker in (0.0, 1.0):
        install(write_weights(tmp_path / f"{marker}", marker), repository)
    return repository


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_weights(tmp_path / "weights", marker=2.0)


@dataclasses.dataclass
class Change:
    """An installation without its checks, which touch no file: version 4 comes, version 2 goes."""

    repository: Path
    steps: list[Step]
    candidate: Candidate
    history: History

    @classmethod
    def of(cls, repository: Path, weights: Path) -> Change:
        steps = read_steps(repository)
        candidate = Candidate.of_weights(weights, steps, Base(3))
        return cls(repository, steps, candidate, with_version(versions(repository), 4, described(candidate, 4, None)))

    def transaction(self, files: Files) -> Transaction:
        names = [step.name for step in self.steps]
        return Transaction(self.repository, self.repository.parent / "ensembles", DEFAULT, names, files)

    def add(self, files: Files) -> None:
        self.transaction(files).add(4, self.candidate.files, self.history)

    def prune(self, files: Files) -> None:
        self.transaction(files).remove([2], without(self.history, [2]))

    def recover(self) -> None:
        self.transaction(Files()).recover()

    def rehearse(self) -> tuple[int, list[dict[str, bytes]]]:
        """The number of operations, and the repository before, with version 4, and without version 2."""
        files, stages = Failing(), [contents(self.repository)]
        for act in (self.add, self.prune):
            act(files)
            stages.append(contents(self.repository))
        self.restore(stages[0])
        return files.done, stages

    def restore(self, before: dict[str, bytes]) -> None:
        """Bring the repository back to these very files."""
        shutil.rmtree(self.repository)
        for name, data in before.items():
            (self.repository / name).parent.mkdir(parents=True, exist_ok=True)
            (self.repository / name).write_bytes(data)


@pytest.fixture
def change(repository: Path, weights: Path) -> Change:
    """Of three steps, which is enough for every kind of operation."""
    for step in ("crop", "detector"):
        shutil.rmtree(repository / step)
    return Change.of(repository, weights)


def test_one_failing_operation_leaves_the_old_repository_or_the_new_one(change: Change) -> None:
    count, (old, new, pruned) = change.rehearse()
    assert count > 40
    reached = []
    for fatal in range(1, count + 1):
        files = Failing(fatal)
        with contextlib.suppress(OSError):
            change.add(files)
            change.prune(files)
        found = contents(change.repository)
        if found not in (old, new, pruned):
            change.recover()
            assert contents(change.repository) in (new, pruned), f"only removing an old version may be left: {fatal}"
        reached.append(next(i for i, stage in enumerate((old, new, pruned)) if stage == contents(change.repository)))
        change.restore(old)
    installed = [stage > 0 for stage in reached]
    assert installed == sorted(installed), "once the manifest is written, the installation stands"
    assert set(reached) == {0, 1, 2}


def test_a_killed_installation_is_undone_or_finished_by_the_next(change: Change) -> None:
    count, (old, new, pruned) = change.rehearse()
    reached = []
    for fatal in range(1, count + 1):
        files = Failing(fatal, lasting=True)
        with contextlib.suppress(OSError):
            change.add(files)
            change.prune(files)
        change.recover()
        reached.append(next(i for i, stage in enumerate((old, new, pruned)) if stage == contents(change.repository)))
        change.restore(old)
    assert reached == sorted(reached)
    assert set(reached) == {0, 1, 2}


def test_the_next_installation_needs_no_repair(repository: Path, weights: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        install(weights, repository, files=Failing(30, lasting=True))
    assert (repository / ".installing").is_file()
    assert install(weights, repository).version == 4
    assert verify(repository) == []
    assert not list(repository.rglob(".*"))


def test_a_failing_rollback_changes_nothing(repository: Path) -> None:
    before, files = contents(repository), Failing(25)
    with pytest.raises(OSError, match="No space left"):
        rollback(repository, files=files)
    assert contents(repository) == before


KILLED = """
import os, signal, sys
from pathlib import Path
from seamline.exporting.install import install
from seamline.exporting.install.files import Files

class Killing(Files):
    left = 3
    def rename(self, path, to):
        if path.name == ".staged":
            self.left -= 1
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)
        super().rename(path, to)

install(Path(sys.argv[1]), Path(sys.argv[2]), files=Killing())
"""


def test_kill_9_between_two_steps_is_noticed_and_repaired(repository: Path, weights: Path) -> None:
    from seamline.local.errors import MixedVersions
    from seamline.local.repository import check_versions

    before = contents(repository)
    done = subprocess.run([sys.executable, "-c", KILLED, weights, repository], cwd=ROOT, check=False)
    assert done.returncode == -9
    assert (repository / "crop/4").is_dir()
    assert not (repository / "trim/4").exists()
    with pytest.raises(MixedVersions, match="--repair"):
        check_versions(repository)
    assert repair(repository)
    check_versions(repository)
    assert contents(repository) == before


def test_a_full_disk_is_one_sentence_and_changes_nothing(repository: Path, weights: Path) -> None:
    """The kernel itself refuses to write on, half-way through a file."""
    (weights / "encoder.onnx").write_bytes(network("encoder", marker=3.0, ballast=200_000))
    before = contents(repository)
    done = subprocess.run(
        [sys.executable, "export/install.py", "--weights", weights, "--model-repository", repository],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("nothing was changed: File too large")
    assert done.stderr.count("\n") == 1
    assert contents(repository) == before
    assert install(weights, repository).version == 4
