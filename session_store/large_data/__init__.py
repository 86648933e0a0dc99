"""Large data of sessions in S3, with a pointer to it in the table.

    from session_store import SessionStore
    from session_store.large_data import LargeData

    store = SessionStore("sessions", large_data=LargeData("sessions-large-data"))

Data that would make its row larger than the threshold goes into an object of its own, before the row is written. Each
write makes another object, and none is overwritten.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from session_store.large_data.config import LargeData
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - any member
        """Load a member when it is first asked for: constructs need the settings alone."""
        if name not in __all__:
            raise AttributeError(name)
        return getattr(import_module(f"{__name__}.config"), name)

    def __dir__() -> list[str]:
        return __all__


__all__ = ["LargeData"]
