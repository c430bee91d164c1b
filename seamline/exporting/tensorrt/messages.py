"""What TensorRT says while it works, kept for the report in the place of standard error."""

from __future__ import annotations

import dataclasses
from typing import Any

from seamline.exporting.tensorrt.flavour import Flavour


@dataclasses.dataclass(frozen=True)
class Message:
    """`serious`: an error, which usually comes with a result that is missing."""

    serious: bool
    text: str


class Messages:
    """A logger for one job. `logger` goes into TensorRT's own constructors, which it has to outlive."""

    def __init__(self, flavour: Flavour) -> None:
        self._kept: list[Message] = []
        self.logger = _logger(flavour, self._kept)

    @property
    def errors(self) -> list[str]:
        """Every error in the order in which it came, each once."""
        return list(dict.fromkeys(message.text for message in self._kept if message.serious))

    @property
    def warnings(self) -> list[str]:
        """Likewise."""
        return list(dict.fromkeys(message.text for message in self._kept if not message.serious))


def _logger(flavour: Flavour, kept: list[Message]) -> Any:
    base: Any = flavour.module.ILogger

    class Logger(base):  # type: ignore[misc]
        def __init__(self) -> None:
            base.__init__(self)

        def log(self, severity: Any, text: str) -> None:
            if severity <= base.WARNING:
                kept.append(Message(severity <= base.ERROR, text))

    return Logger()
