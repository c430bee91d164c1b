"""What a reload of a running server adds to the errors of an installation.

ExportError
├── InstallRefused
│   └── LoadRefused   the server cannot load the version; it serves what it did before
└── NotReloaded       the files are in place, and the server could not be asked to serve them
"""

from __future__ import annotations

from seamline.exporting.errors import ExportError, InstallRefused


class LoadRefused(InstallRefused):
    """The server cannot load or run the version, and serves the one before."""


class NotReloaded(ExportError):
    """The server does not answer, does not take orders, or does not serve this repository."""
