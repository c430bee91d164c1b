"""What an attack did, and whether the server withstood it."""

from __future__ import annotations

import collections
import dataclasses
import re
import threading

LEAK = re.compile(
    r"Traceback|File \"|\.py\b|triton_seamline|/(tmp|home|root|usr|var|opt|dev/shm)/|\bline \d+|site-packages"
    r"|0x[0-9a-f]{6,}"
)
"""What no client may read: the server's code, its paths, its memory."""


@dataclasses.dataclass
class Outcome:
    """Requests by the code of their answer, what leaked, and what else was measured. `failures`: what must not be."""

    name: str
    codes: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    figures: dict[str, float] = dataclasses.field(default_factory=dict)
    failures: list[str] = dataclasses.field(default_factory=list)
    _lock: threading.Lock = dataclasses.field(default_factory=threading.Lock, repr=False)

    def count(self, code: str, sentence: str = "") -> None:
        """One answer; a sentence that tells of the server's inside, or is none, is a failure."""
        with self._lock:
            self.codes[code] += 1
        if LEAK.search(sentence):
            self.fail(f"leaked: {sentence[:160]}")
        if "\n" in sentence.strip():
            self.fail(f"more than a sentence: {sentence[:160]!r}")

    def allow(self, *codes: str) -> None:
        """Every other code is a failure."""
        for code in set(self.codes).difference(codes):
            self.fail(f"{self.codes[code]} answers with {code}")

    def fail(self, what: str) -> None:
        """Note it, once."""
        with self._lock:
            if what not in self.failures:
                self.failures.append(what)

    def require(self, name: str, value: float, most: float) -> None:
        """A figure with its upper bound."""
        self.figures[name] = round(value, 3)
        if not value <= most:
            self.fail(f"{name} is {value:.2f}, at most {most:g} is right")
