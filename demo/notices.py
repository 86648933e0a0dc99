"""Notices that a page shows once, after the request that sent the browser there. They wait in the session.

No address holds one, so no link can make a page claim that something has happened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from demo import requests
from session_store.web import current_session

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY: Final = "notice"
_TEXTS: Final = {
    "account-deleted": "Your account is deleted. You are signed out on every device.",
    "cookie-renewed": "Your browser has a new cookie, and has used it. Copies of the old one are out of date.",
    "ended": "That device is signed out.",
    "ended-everywhere": "You are signed out on every device.",
    "others-ended": "All your other devices are signed out.",
    "password-changed": "Your password is changed. You stay signed in on every device.",
    "password-changed-others-ended": "Your password is changed. All your other devices are signed out.",
    "signed-in": "You are signed in.",
    "signed-out": "You are signed out.",
}
_OVER: Final = (
    "Your earlier session has ended. It expired, you ended it on another device, or a copy of its cookie was used."
)


def leave(name: str) -> None:
    """Let the next page say something.

    Args:
        name: one of the texts above.
    """
    current_session()[KEY] = name


def taken(event: Mapping[str, Any]) -> str:
    """The text for this page, empty for none. Of several tabs one gets it. HEAD shows no page, and takes nothing."""
    visitor = current_session()
    name = None if requests.is_head(event) else visitor.take(KEY)
    if name is None and visitor.is_new and requests.presents_session(event):
        return _OVER
    return _TEXTS.get(str(name), "")
