"""What can keep the local server from starting or running.

    SeamlineError
    └── LocalError              anything about the embedded server
        ├── CannotRunHere       this machine or this environment cannot run it
        │   ├── WrongPlatform   not x86-64 Linux
        │   ├── WrongPython     the Triton wheel has no stub for this Python
        │   ├── WrongNumpy      numpy 2 where the stub would read zeros without a word
        │   ├── WrongVariant    the chosen variant needs a GPU, or no model has it
        │   ├── MissingPackage  the extra `local` is not installed
        │   └── NoSharedMemory  too little room in /dev/shm
        ├── PortTaken           a port that was asked for is in use
        ├── AlreadyRunning      this state folder has a running server
        ├── NotRunning          this state folder has none
        ├── MissingRepository   model_repository/ or ensembles/ is not where it should be
        ├── MissingWeights      a model has no ONNX file
        ├── OutdatedSteps       the steps were made for an older seamline
        ├── MixedVersions       the steps' newest versions are not one set of weights
        ├── ConfigMismatch      a model's config and its ONNX file do not agree
        └── StartFailed         a process ended, or did not answer in time, while starting

A message is one plain sentence that says what to do. These errors are for the person who runs the server,
so unlike those that go over the wire they may name files.
"""

from __future__ import annotations

from seamline.core.errors import SeamlineError


class LocalError(SeamlineError):
    """Base of every error about the embedded server."""


class CannotRunHere(LocalError):
    """This machine or this Python environment cannot run the embedded server."""


class WrongPlatform(CannotRunHere):
    """Not an x86-64 Linux."""


class WrongPython(CannotRunHere):
    """The Triton wheel has no python stub for this version, or the interpreter cannot be found by it."""


class WrongNumpy(CannotRunHere):
    """numpy 2, with which the wheel's stub hands zeros to the models."""


class WrongVariant(CannotRunHere):
    """A variant of the model repository that needs what the embedded server lacks, or that no model has."""


class MissingPackage(CannotRunHere):
    """A package of the extra `local` is not installed."""


class NoSharedMemory(CannotRunHere):
    """Too little room in /dev/shm, where Triton and its stubs exchange tensors."""


class PortTaken(LocalError):
    """Somebody else listens on a port that was asked for."""


class AlreadyRunning(LocalError):
    """A server runs from this state folder."""


class NotRunning(LocalError):
    """No server runs from this state folder."""


class MissingRepository(LocalError):
    """The model repository or the ensembles are not there."""


class MissingWeights(LocalError):
    """A model has no ONNX file."""


class OutdatedSteps(LocalError):
    """The steps import what this version of seamline has not."""


class MixedVersions(LocalError):
    """The newest versions of the steps differ: an installation of weights was interrupted."""


class ConfigMismatch(LocalError):
    """A model's config asks for what its ONNX file does not have."""


class StartFailed(LocalError):
    """The server did not come up; `log_tail` holds the last lines of the log that says why."""

    def __init__(self, message: str, log_tail: str = "") -> None:
        super().__init__(message)
        self.log_tail = log_tail
