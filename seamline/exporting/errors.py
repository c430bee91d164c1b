"""What export and installation refuse, each with one plain sentence that says what to do.

ExportError
├── ExportRefused     a checkpoint cannot become a network that serves what was trained
└── InstallRefused    files do not fit together; the model repository is unchanged
"""

from __future__ import annotations


class ExportError(Exception):
    """Base of all errors below. `str(error)` is fit for a person to read."""


class ExportRefused(ExportError):
    """The network is not written: it cannot be read, cannot be expressed, or computes something else."""


class InstallRefused(ExportError):
    """The files do not fit together; nothing was changed."""
