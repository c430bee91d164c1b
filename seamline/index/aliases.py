"""The collections of one Milvus by name, and by the weights that fill them.

People and listings use the alias NAME. A server asks for the alias of its own weights, so that one on older weights
goes on with the collection that it knows while another is built and published beside it.
"""

from __future__ import annotations

import contextlib

from seamline.errors import InternalError, NotFound, SeamlineError
from seamline.index.collection import Collection
from seamline.index.connection import PATIENCE, Connection
from seamline.index.names import Physical, check_name, fingerprint_alias
from seamline.index.schema import indexes_of, schema_of, spread_of
from seamline.index.server import Server


class Named(Connection):
    """Collections by name: open, make, drop."""

    def names(self) -> list[str]:
        """Names of all collections of seamline; others that the same Milvus holds are left out."""
        return sorted({made.name for made in self._all() if made.name in self._aliases(made)})

    def open(self, name: str, fingerprint: str | None = None) -> Collection:
        """A collection by name; with a `fingerprint`, the one of these weights, or `name`'s when they have none.

        Raises NotFound, or BadOption for an impossible name.
        """
        check_name(name)
        if fingerprint is not None:
            with contextlib.suppress(NotFound):
                return self._open(name, fingerprint_alias(name, fingerprint))
        try:
            return self._open(name, name)
        except NotFound as error:
            if "not made by" in str(error):
                raise
            raise NotFound(
                f"the collection {name!r} does not exist; `seamline collections` lists what there is"
            ) from None

    def create(self, name: str, fingerprint: str, dimension: int) -> Collection:
        """Make an empty collection for vectors (5, `dimension`) of the encoder `fingerprint`.

        Raises Unsupported for index settings that this Milvus cannot do.
        """
        physical = self._create(name, fingerprint, dimension)
        try:
            self.call(lambda client: client.create_alias(str(physical), name))
        except SeamlineError:
            self._drop(physical)
            raise
        self._point(fingerprint_alias(name, fingerprint), physical)
        return self.open(name)

    def open_or_create(self, name: str, fingerprint: str, dimension: int) -> Collection:
        """The collection, made when it is missing. Raises FingerprintMismatch when another encoder filled it."""
        try:
            collection = self.open(name, fingerprint)
        except NotFound:
            collection = self._create_or_join(name, fingerprint, dimension)
        collection.check(fingerprint)
        return collection

    def _create_or_join(self, name: str, fingerprint: str, dimension: int) -> Collection:
        """Make the collection, or take the one that another program made in the same moment."""
        try:
            return self.create(name, fingerprint, dimension)
        except InternalError:
            return self.open(name)

    def drop(self, name: str) -> None:
        """Delete a collection, its rows and everything kept beside it. Raises NotFound."""
        self.open(name)
        for made in reversed(self._all(name)):
            self._drop(made)

    def _create(self, name: str, fingerprint: str, dimension: int) -> Physical:
        physical = Physical.new(check_name(name), fingerprint)
        schema, indexes = schema_of(dimension, self.settings), indexes_of(self.settings, self._able().index_of_numbers)
        spread = spread_of(self.settings)
        self.call(lambda client: client.create_collection(str(physical), schema=schema, **spread), PATIENCE)
        try:
            self.call(lambda client: client.create_index(str(physical), indexes), PATIENCE)
            self._open(name, str(physical)).load()
        except SeamlineError:
            self._drop(physical)
            raise
        return physical

    def _able(self) -> Server:
        """The server, which can do what the settings want. Raises Unsupported."""
        server = Server.of(self.call(lambda client: client.get_server_version()))
        server.check(self.settings)
        return server

    def _open(self, name: str, alias: str) -> Collection:
        return Collection(self, name, self.call(lambda client: client.describe_collection(alias)))

    def _all(self, name: str | None = None) -> list[Physical]:
        """The physical collections of seamline, of `name` or of all names, oldest first."""
        entries = self.call(lambda client: client.list_collections())
        parsed = [found for entry in entries if (found := Physical.parse(entry))]
        return sorted(found for found in parsed if name is None or found.name == name)

    def _aliases(self, physical: Physical) -> list[str]:
        with contextlib.suppress(NotFound):  # dropped since it was listed
            return list(self.call(lambda client: client.list_aliases(str(physical)))["aliases"])
        return []

    def _drop(self, physical: Physical) -> None:
        for alias in self._aliases(physical):
            self._forget(alias)
        self.call(lambda client: client.drop_collection(str(physical)), PATIENCE)

    def _forget(self, alias: str) -> None:
        self.call(lambda client: client.drop_alias(alias))

    def _point(self, alias: str, physical: Physical) -> None:
        """Let an alias stand for a collection, whether or not it exists already."""
        try:
            self.call(lambda client: client.alter_alias(str(physical), alias))
        except NotFound:
            self.call(lambda client: client.create_alias(str(physical), alias))
