"""The probability from which a watch finds suspects, set by what verdicts say."""

from __future__ import annotations

from seamline.desk.context import Desk
from seamline.desk.people.user import User
from seamline.desk.queue.access import load_watch
from seamline.desk.watching.begin import begin_watch


def set_threshold(desk: Desk, user: User, watch_id: str, at_least: float) -> float:
    """As of the watch's next look; the threshold that holds now. Raises NotFound for a watch that the person may not
    see, BadOption for what is no probability."""
    watch = load_watch(desk.store, user, watch_id)
    return begin_watch(desk.store, watch.listings, watch.originals, at_least).at_least
