"""Whether the cache of validations answers this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.aws.diagnosis.finding import Finding, note, ok
from session_store.validation_cache.server import CacheFaultError
from session_store.validation_cache.waiting import LIFETIME_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from session_store.validation_cache import ValidationCache

# An entry that there never is. Deleting is what an end does, and all that a command may have to do there.
_NO_ENTRY: Final = "session-store:doctor"
_WAITS: Final = (
    f"Each end by this machine waits for {LIFETIME_SECONDS:g} seconds. Functions in the cache's VPC may reach it"
)


def check(cache: ValidationCache) -> Iterator[Finding]:
    """A finding about the cache."""
    try:
        cache.server.delete([_NO_ENTRY])
    except CacheFaultError as fault:
        fix = "Look at the metric ValidationCacheFaults of the functions"
        yield note("The cache of validations does not answer this machine", f"{fault}. {_WAITS}", fix)
    else:
        yield ok("The cache of validations answers", "Ends by this machine are in it at once")
