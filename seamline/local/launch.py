"""Triton's command line and environment."""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import seamline
from seamline.local.beside import ensembles_beside
from seamline.local.folder import StateFolder
from seamline.local.options import DEFAULT_VARIANT, Endpoints, LocalOptions
from seamline.local.plain_paths import plain
from seamline.local.process import supervised_environment
from seamline.local.repository import model_folders
from seamline.local.socket_file import command_line
from seamline.local.triton_wheel import TritonWheel

LINKS = (".backends", ".model_repository", ".ensembles")
"""Names of the links to what Triton reads, where it does not take the paths themselves."""

EXIT_TIMEOUT = 8
"""Seconds that Triton waits for running requests when it is told to stop; its own default is 30."""


@dataclass(frozen=True)
class TritonLaunch:
    """Everything that the command line and the environment of the server are made from."""

    options: LocalOptions
    endpoints: Endpoints
    folder: StateFolder

    @property
    def ensembles(self) -> list[str]:
        """The ensembles without which the server does not start; their steps come with them."""
        beside = ensembles_beside(self.options.model_repository)
        return [folder.name for folder in model_folders(self.options.ensembles) if folder.name not in beside]

    @property
    def ensembles_beside(self) -> list[str]:
        """Those of the systems beside the default one, which are loaded once that answers."""
        beside = ensembles_beside(self.options.model_repository)
        return [folder.name for folder in model_folders(self.options.ensembles) if folder.name in beside]

    @property
    def paths(self) -> list[tuple[Path, str]]:
        """Backends and repositories, each with the name of the link that stands for it where Triton cannot take it."""
        repositories = self.options.model_repository.resolve(), self.options.ensembles.resolve()
        return list(zip((self.folder.backends, *repositories), LINKS, strict=True))

    def command(self, wheel: TritonWheel) -> list[str]:
        """The command line. Every setting that a config leaves open would be asked from an extra process per
        model at each start, which takes longer than everything else; the configs are complete instead."""
        (backends, *repositories) = [plain(self.folder, path, name) for path, name in self.paths]
        command = [str(wheel.server), f"--backend-directory={backends}"]
        command += [f"--model-repository={repository}" for repository in repositories]
        if self.options.variant != DEFAULT_VARIANT:
            command.append(f"--model-config-name={self.options.variant}")
        command.append("--model-control-mode=explicit")
        command += [f"--load-model={name}" for name in self.ensembles]
        for kind, where in (("grpc", self.endpoints.triton), ("metrics", self.endpoints.metrics)):
            address, port = command_line(where)
            command += [f"--{kind}-address={address}", f"--{kind}-port={port}"]
        return [
            *command,
            "--allow-http=false",
            "--disable-auto-complete-config",
            "--allow-gpu-metrics=false",
            "--pinned-memory-pool-byte-size=0",
            f"--exit-timeout-secs={EXIT_TIMEOUT}",
            f"--backend-config=python,shm-region-prefix-name={self.folder.shared_memory_prefix}",
        ]

    @property
    def working_folder(self) -> Path:
        """Where the server runs. The stubs pass over PYTHONPATH, but look for modules in their working folder
        first, so in a checkout that is where `seamline` lies. Installed, it is found anyway."""
        source = Path(seamline.__file__).resolve().parents[1]
        installed = source in (Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib")))
        return self.folder.home if installed else source

    def environment(self, wheel: TritonWheel) -> dict[str, str]:
        """The environment of the server, and through it of every stub."""
        # A token and certificates in this environment are for another Milvus than the local one.
        own = {name: value for name, value in os.environ.items() if not name.startswith("SEAMLINE_MILVUS_")}
        # With it the stubs would not look into their working folder.
        own.pop("PYTHONSAFEPATH", None)
        environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **own}
        # The interpreter's own folders come first: the stub takes the first libpython and the first
        # `python3` that it finds, and another one's would be silently wrong.
        libraries = [str(wheel.libraries), str(sysconfig.get_config_var("LIBDIR"))]
        _prepend(environment, "LD_LIBRARY_PATH", *libraries)
        _prepend(environment, "PATH", str(Path(sys.executable).parent))
        return {
            **environment,
            **supervised_environment(self.folder.home, "triton"),
            "SEAMLINE_HOME": str(self.folder.home),
            "SEAMLINE_MILVUS_URI": self.endpoints.milvus,
            "SEAMLINE_STUB_NUMPY": "1",
            "PYTHONUTF8": "1",  # an embedded interpreter takes paths for ASCII where the locale is C
            "CUDA_VISIBLE_DEVICES": "",
        }


def _prepend(environment: dict[str, str], variable: str, *folders: str) -> None:
    before = environment.get(variable) or (os.defpath if variable == "PATH" else "")
    environment[variable] = os.pathsep.join([*folders, *([before] if before else [])])
