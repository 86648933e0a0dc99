"""A cache of validations in Valkey or Redis, for bursts of requests of one session (extra `cache`).

    from session_store import SessionStore
    from session_store.validation_cache import ElastiCacheIam, ValidationCache

    cache = ValidationCache("shop-abc.serverless.euw1.cache.amazonaws.com", credentials=ElastiCacheIam("shop", "app"))
    store = SessionStore("sessions", validation_cache=cache)

An ended session is refused at once all the same. An end writes the table, then deletes the entry, then answers. If it
cannot reach the cache, it waits until no entry from before counts any more: 5 seconds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from session_store.validation_cache.config import ValidationCache
    from session_store.validation_cache.iam import ElastiCacheIam
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - any member
        """Load a member when it is first asked for: constructs need the settings alone."""
        if name not in __all__:
            raise AttributeError(name)
        module = "config" if name == "ValidationCache" else "iam"
        return getattr(import_module(f"{__name__}.{module}"), name)

    def __dir__() -> list[str]:
        return __all__


__all__ = ["ElastiCacheIam", "ValidationCache"]
