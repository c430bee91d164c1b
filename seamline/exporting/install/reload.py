"""Making a running server serve another version, with no request lost and none served by two versions.

A request to an ensemble takes hold of all its steps when it arrives. So a set changes as a whole when the *ensemble*
changes, provided that both versions of every step are loaded at that moment:

    1. steps       the versions that they serve, by name      the server has now seen the new folders and not taken them
                   (and those of other systems, which stay so)
    2. ensembles   pinned to the versions that they use
    3. steps       the new version beside the old one          a failure up to here has touched no request
    4. ensembles   pinned to the new version                   the moment of change, one for each ensemble
    5. a canary    has to name the new fingerprints, or 4 and 3 are undone
    6. steps       the newest version alone; the old processes end when their last request has been answered
    7. ensembles   not pinned any more

Loading an ensemble before the first phase would load its steps' new versions one after another, as a plain
`load_model` does. Whatever interrupts a reload, each ensemble uses one set, and the next reload goes on from there.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence

from seamline.client import Client
from seamline.core.errors import SeamlineError
from seamline.exporting.errors import ExportError
from seamline.exporting.install.errors import LoadRefused, NotReloaded
from seamline.exporting.install.server import LATEST, Config, Server, only
from seamline.systems import DEFAULT, ensembles_of

_GRACE = 0.3
"""Seconds between the change and the end of the old steps: a request that has met the old ensemble may still be
about to take hold of its steps."""
_DRAIN_PATIENCE = 60.0
_LATEST_STEP = "-1"
"""How an ensemble's configuration writes that it uses the newest version."""


@dataclasses.dataclass(frozen=True)
class Target:
    """What a server should serve of a system: a version of these steps, and what its answers name then."""

    version: int
    steps: Sequence[str]
    fingerprint: str
    detector_fingerprint: str
    system: str = DEFAULT

    @property
    def ensembles(self) -> tuple[str, ...]:
        """The ensembles that serve the system."""
        return dataclasses.astuple(ensembles_of(self.system))


@dataclasses.dataclass(frozen=True)
class Reloaded:
    """`before`: step -> the versions that were served. `seconds`: the whole reload."""

    before: Mapping[str, Sequence[int]]
    seconds: float


def reload(address: str, target: Target) -> Reloaded:
    """Make the server at `address` (host:port of gRPC) serve `target` and nothing older.

    A system beside the default one that it does not serve yet is loaded. Raises LoadRefused when it cannot load or run
    that version, and serves what it did before; NotReloaded when it does not answer, takes no orders, or does not see
    the version.
    """
    start = time.monotonic()
    with Server(address) as server:
        before = server.versions()
        steps = [name for name in target.steps if name in before]
        _hold_others(server, target, before)
        if not steps and target.system != DEFAULT:
            _load_first(server, target)
            return Reloaded({}, time.monotonic() - start)
        if not steps:
            raise NotReloaded(f"the server at {server.address} serves none of {', '.join(target.steps)}")
        change = _Change(server, target, {name: before[name] for name in steps}, _ensembles(server, before, steps))
        change.run()
        if target.system != DEFAULT:
            _load_left_out(server, target, [name for name in target.ensembles if name not in before])
        return Reloaded(change.before, time.monotonic() - start)


def _hold_others(server: Server, target: Target, before: Mapping[str, Sequence[int]]) -> None:
    """Serve by name what is served of the other systems' steps: versions of theirs that were installed and not reloaded
    would otherwise come, one after another, with an ensemble that uses them."""
    try:
        for model, versions in before.items():
            if model not in target.steps and not _pins(server.config(model)):
                server.serve(model, only(sorted(versions)))
    except LoadRefused as error:
        raise NotReloaded(
            f"{error}; the version that the server serves may have been removed from the repository, so start it again"
        ) from None


def unload(address: str, target: Target) -> None:
    """Make the server at `address` serve a system beside the default one no longer. Raises NotReloaded."""
    with Server(address) as server:
        _unload(server, target)


def _load_first(server: Server, target: Target) -> None:
    """Serve a system that the server does not serve yet, or leave nothing of it."""
    try:
        for ensemble in target.ensembles:
            server.load_ensemble(ensemble)
        _ask_canary(server, target)
    except LoadRefused:
        _unload(server, target)
        raise


def _load_left_out(server: Server, target: Target, ensembles: Sequence[str]) -> None:
    """Serve the ensembles of a system that an interrupted first loading has not come to."""
    try:
        for ensemble in ensembles:
            server.load_ensemble(ensemble)
        if ensembles:
            _ask_canary(server, target)
    except LoadRefused as error:
        # Its steps are served, so its files have to stay.
        raise NotReloaded(f"the steps of version {target.version} are served, but not all ensembles: {error}") from None


def _unload(server: Server, target: Target) -> None:
    served = server.versions()
    for model in (*target.ensembles, *target.steps):
        if model in served:
            server.unload(model)


def _ask_canary(server: Server, target: Target) -> None:
    """Raise LoadRefused unless the server answers a photo with the target's weights."""
    try:
        with Client(server.address, system=target.system) as client:
            versions = client.versions()
    except SeamlineError as error:
        raise LoadRefused(f"version {target.version} does not answer a photo: {error}") from None
    found, wanted = (versions.fingerprint, versions.detector), (target.fingerprint, target.detector_fingerprint)
    if found != wanted:
        raise LoadRefused(
            f"the server answers with the weights {' and '.join(found)} and not with {' and '.join(wanted)}; "
            "name the server that serves this repository"
        )


@dataclasses.dataclass(frozen=True)
class _Change:
    """`configs`: those of the loaded ensembles that use the steps, as they were before."""

    server: Server
    target: Target
    before: Mapping[str, list[int]]
    configs: Mapping[str, Config]

    def run(self) -> None:
        self._hold()
        try:
            self._load_beside()
            self._pin(str(self.target.version))
            self._ask_canary()
        except ExportError as error:
            raise self._gone_back(error) from None
        try:
            self._let_go()
        except LoadRefused as error:
            # From here on the new version is served, so its files have to stay.
            raise NotReloaded(
                f"version {self.target.version} is served, but ending the one before failed: {error}"
            ) from None

    def _hold(self) -> None:
        """Serve by name what is served, and pin the ensembles to it."""
        try:
            self._serve({step: only(versions) for step, versions in self.before.items()})
            self._pin_to_used()
        except LoadRefused as error:
            raise NotReloaded(
                f"{error}; the version that it serves may have been removed from the repository, so start it again: it "
                f"then serves version {self.target.version}"
            ) from None

    def _serve(self, policies: Mapping[str, Config]) -> None:
        for step, policy in policies.items():
            self.server.serve(step, policy)

    def _load_beside(self) -> None:
        version = self.target.version
        both = {step: only(sorted({*versions, version})) for step, versions in self.before.items()}
        for step, policy in both.items():
            self.server.serve(step, policy)
            if version not in self.server.versions().get(step, ()):
                raise NotReloaded(
                    f"the server at {self.server.address} does not see version {version} of {step}; "
                    "name the server that serves this repository"
                )
        # Where Python has just written a compiled file beside a new model.py, Triton holds that step for changed, and
        # would load it anew, by its configuration on disk, with the next ensemble. Told again, it has seen the file.
        self._serve(both)

    def _pin(self, version: str) -> None:
        for ensemble, config in self.configs.items():
            self.server.load(ensemble, _pinned(config, dict.fromkeys(self.before, version)))

    def _pin_to_used(self) -> None:
        """Pin each ensemble to what it uses: what it is pinned to already, otherwise the newest that is loaded."""
        for ensemble, config in self.configs.items():
            pins = {step: pin for step, pin in _pins(config).items() if step in self.before}
            newest = {step: str(self.before[step][-1]) for step, pin in pins.items() if pin == _LATEST_STEP}
            self.server.load(ensemble, _pinned(config, pins | newest))

    def _gone_back(self, error: ExportError) -> ExportError:
        """Undo as far as the server answers; the error to raise."""
        try:
            loaded = self.server.versions()
            self._serve({step: only(sorted({*old, *loaded.get(step, ())})) for step, old in self.before.items()})
            self._pin_to_used()
            self._serve({step: only(old) for step, old in self.before.items()})
            self._alone(self.before)
        except ExportError as second:
            return NotReloaded(f"{error}; and it could not be brought back: {second}")
        kept = ", ".join(map(str, sorted({version for versions in self.before.values() for version in versions})))
        return type(error)(f"{error}; the server serves version {kept} as before")

    def _let_go(self) -> None:
        """End what was served before."""
        time.sleep(_GRACE)
        self._serve(dict.fromkeys(self.before, LATEST))
        self._pin(_LATEST_STEP)
        self._wait_for_the_old()
        self._ask_canary()

    def _ask_canary(self) -> None:
        if self.target.ensembles[0] in self.configs:
            _ask_canary(self.server, self.target)

    def _wait_for_the_old(self) -> None:
        if not self._alone({step: [self.target.version] for step in self.before}):
            raise NotReloaded(
                f"version {self.target.version} is served, but requests to the one before have not ended after "
                f"{_DRAIN_PATIENCE:.0f} s; its processes end with them"
            )

    def _alone(self, wanted: Mapping[str, list[int]]) -> bool:
        """Wait until no other versions of the steps are alive; whether that came about."""
        deadline = time.monotonic() + _DRAIN_PATIENCE
        while time.monotonic() < deadline:
            alive = self.server.versions("READY", "UNLOADING")
            if all(alive.get(step) == versions for step, versions in wanted.items()):
                return True
            time.sleep(0.1)
        return False


def _ensembles(server: Server, ready: Mapping[str, list[int]], steps: Sequence[str]) -> dict[str, Config]:
    """The configurations of the loaded ensembles that use one of the steps."""
    configs = {model: server.config(model) for model in ready if model not in steps}
    return {model: config for model, config in configs.items() if set(_pins(config)) & set(steps)}


def _pins(config: Config) -> dict[str, str]:
    """Step -> the version that an ensemble uses."""
    steps = config.get("ensemble_scheduling", {}).get("step", ())
    return {step["model_name"]: str(step["model_version"]) for step in steps}


def _pinned(config: Config, pins: Mapping[str, str]) -> Config:
    """An ensemble's configuration with the versions of some of its steps changed."""
    steps = config["ensemble_scheduling"]["step"]
    changed = [step | {"model_version": pins.get(step["model_name"], step["model_version"])} for step in steps]
    return config | {"ensemble_scheduling": config["ensemble_scheduling"] | {"step": changed}}
