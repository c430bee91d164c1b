"""A collection that replaces another under its name, without a moment in which a search fails.

The new one is filled beside the old one, warmed and published by moving aliases. The old one goes on answering for its
weights and stays for a rollback until it is pruned.
"""

from __future__ import annotations

import contextlib
import dataclasses

from seamline.errors import BadOption, NotFound
from seamline.index.aliases import Named
from seamline.index.candidates import Wanted
from seamline.index.collection import Collection
from seamline.index.names import Physical, building_alias, check_name, fingerprint_alias


@dataclasses.dataclass(frozen=True)
class Kept:
    """A collection beside the one that its name stands for.

    `state`: "serves its weights" where servers with its weights are answered by it, "being filled" by a rebuild that
    has not ended, or "kept" for a rollback.
    """

    physical: str
    fingerprint: str
    rows: int
    state: str


@dataclasses.dataclass(frozen=True)
class CollectionInfo:
    """A collection as `seamline collections` lists it. `kept`: those beside it, oldest first.

    `physical` and `fingerprint` are empty where nothing answers yet, because the first import or rebuild was stopped.
    """

    name: str
    rows: int
    fingerprint: str
    physical: str
    kept: tuple[Kept, ...] = ()


class Index(Named):
    """A Milvus server: Milvus Lite, standalone or a cluster, by its address."""

    def collections(self) -> list[CollectionInfo]:
        """All collections with their rows, their weights and what is kept beside them."""
        made = self._all()
        found = []
        for name in sorted({entry.name for entry in made}):
            with contextlib.suppress(NotFound):  # dropped since it was listed
                found.append(self._info(name, [entry for entry in made if entry.name == name]))
        return found

    def _info(self, name: str, made: list[Physical]) -> CollectionInfo:
        present = self._present(name)
        kept = tuple(self._kept(entry) for entry in made if present is None or entry != present.made_as)
        if present is None:
            return CollectionInfo(name, 0, "", "", kept)
        return CollectionInfo(name, present.rows(), present.fingerprint, present.physical, kept)

    def _present(self, name: str) -> Collection | None:
        try:
            return self._open(check_name(name), name)
        except NotFound:
            return None

    def _kept(self, made: Physical) -> Kept:
        aliases = self._aliases(made)
        state = "kept"
        if building_alias(made.name) in aliases:
            state = "being filled"
        elif fingerprint_alias(made.name, made.fingerprint) in aliases:
            state = "serves its weights"
        return Kept(str(made), made.fingerprint, self._open(made.name, str(made)).rows(), state)

    def build_beside(self, name: str, fingerprint: str, dimension: int) -> Collection:
        """A collection to fill beside the one that answers; the one that an interrupted rebuild left is taken again.

        Raises BadOption while a rebuild for other weights is unfinished, Unsupported for index settings that this
        Milvus cannot do.
        """
        begun = self._begun(check_name(name))
        if begun is None:
            physical = self._create(name, fingerprint, dimension)
            self._point(building_alias(name), physical)
            return self._open(name, str(physical))
        if (begun.fingerprint, begun.dimension) != (fingerprint, dimension):
            raise BadOption(
                f"a rebuild of {name!r} for the weights {begun.fingerprint} is unfinished; finish it, or remove it "
                f"with `seamline collections prune {name} --unfinished`"
            )
        return begun

    def _begun(self, name: str) -> Collection | None:
        try:
            return self._open(name, building_alias(name))
        except NotFound:
            return None

    def publish(self, collection: Collection) -> None:
        """Let `collection` answer under its name and for its weights. The one before it stays for `rollback`.

        A server that was given the new weights is answered from the first alias on, everybody else from the second.
        """
        new = collection.made_as
        _warm(collection)
        with contextlib.suppress(NotFound):
            before = self.open(new.name).made_as
            if before.fingerprint != new.fingerprint:
                self._point(fingerprint_alias(before.name, before.fingerprint), before)
        self._point(fingerprint_alias(new.name, new.fingerprint), new)
        self._point(new.name, new)
        if building_alias(new.name) in self._aliases(new):
            self._forget(building_alias(new.name))

    def rollback(self, name: str) -> Collection:
        """Let the newest collection that is older than the present one answer again. Raises NotFound without one."""
        present = self.open(name).made_as
        older = [made for made in self._all(name) if made.made < present.made]
        finished = [made for made in older if building_alias(name) not in self._aliases(made)]
        if not finished:
            raise NotFound(f"no older collection of {name!r} is kept")
        self.publish(self._open(name, str(finished[-1])))
        return self.open(name)

    def prune(self, name: str, unfinished: bool = False) -> list[str]:
        """Delete the collections of `name` that it no longer stands for; gives their physical names.

        The one that a rebuild is filling stays unless `unfinished` is set. Raises NotFound when there is none at all.
        """
        present = self._present(name)
        everything = self._all(name)
        if present is None and not everything:
            self.open(name)  # says that there is none
        removed = []
        for made in everything:
            building = building_alias(name) in self._aliases(made)
            if (present is None or made != present.made_as) and (unfinished or not building):
                self._drop(made)
                removed.append(str(made))
        return removed


def _warm(collection: Collection) -> None:
    """Everything written is visible, in memory and has been searched once."""
    collection.flush()
    collection.wait_until_visible()
    sample = collection.cohort(collection.rows())
    if len(sample):
        collection.candidates_of([sample[0].reshape(-1)], Wanted(10))
