"""Sessions whose data cannot be read. Lists leave them out, and a command has to say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.cli.exits import Exit, say
from session_store.errors import UnreadableDataError
from session_store.incidents import log_incident
from session_store.settings import ENCRYPTION_KEYS, LARGE_DATA_BUCKET

if TYPE_CHECKING:
    from session_store.incidents import Incident

_HINT: Final = (
    f"Set {ENCRYPTION_KEYS}, SESSION_STORE_ID and {LARGE_DATA_BUCKET} to the values that the functions have. "
    "Without them these sessions can be ended all the same."
)


class Unread:
    """The live sessions that a store left out of its lists, because this command cannot read their data.

    Attributes:
        ids: of the sessions, of a child session that of its root.
    """

    def __init__(self) -> None:
        self.ids: list[str] = []

    def hear(self, incident: Incident) -> None:
        """The sink for the store's incidents. Others than these are logged as usual."""
        if incident.detail == UnreadableDataError.__name__:
            self.ids.append(incident.session_id)
        else:
            log_incident(incident)

    def or_none(self, text: str) -> str:
        """The text that a terminal shows in place of an empty list: not that there is nothing where there is."""
        return "None of the live sessions can be shown." if self.ids else text

    def status(self, otherwise: Exit) -> Exit:
        """The exit status of a list, which names them on stderr."""
        for session_id in self.ids:
            say(f"{session_id}: its data cannot be read, so it is not in the list.")
        if not self.ids:
            return otherwise
        say(_HINT)
        return Exit.SOME_FAILED
