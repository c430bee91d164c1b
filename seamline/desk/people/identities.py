"""Which way of knowing people a desk has."""

from __future__ import annotations

from seamline.desk.people.identity import Identities, LocalIdentity, secret_in
from seamline.desk.settings import DeskSettings
from seamline.desk.store import Store


def identities_for(settings: DeskSettings, store: Store) -> Identities:
    """Chosen by the settings."""
    return LocalIdentity(secret_in(settings.folder))
