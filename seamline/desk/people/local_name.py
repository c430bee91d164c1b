"""What the person at this machine is called, where nobody signs in."""

from __future__ import annotations

import getpass
import os

from seamline.core.errors import BadOption
from seamline.desk.people.user import LOCAL_USER

_LONGEST = 100


def system_name() -> str:
    """The full name of the system's account, its login name where it has none; never empty."""
    return _full_name() or _login_name() or LOCAL_USER.name


def checked_name(name: str) -> str:
    """Without blanks around it. Raises BadOption for none, and for one that is too long or no line of text."""
    cleaned = name.strip()
    if not cleaned or len(cleaned) > _LONGEST or not cleaned.isprintable():
        raise BadOption(f"--name takes one line of text with at most {_LONGEST} characters: how you are called")
    return cleaned


def _full_name() -> str:
    try:
        import pwd

        account = pwd.getpwuid(os.getuid())
    except (ImportError, KeyError):
        return ""
    return _line(account.pw_gecos.split(",")[0].replace("&", account.pw_name.capitalize()))


def _login_name() -> str:
    try:
        return _line(getpass.getuser())
    except (ImportError, KeyError, OSError):
        return ""


def _line(text: str) -> str:
    """Accounts may hold anything; what is no line of text is no name."""
    cleaned = text.strip()[:_LONGEST]
    return cleaned if cleaned.isprintable() else ""
