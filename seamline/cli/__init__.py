"""The command `seamline`. Results go to stdout, everything else to stderr; exit codes are in `exits`."""

from seamline.cli.app import app

__all__ = ["app"]
