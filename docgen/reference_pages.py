"""Pages of the site with the API reference: mkdocstrings writes them from the docstrings."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER: Final = "reference"
# A page's file, its title, and the modules or classes on it.
_PAGES: Final = (
    ("store", "SessionStore", ("session_store.store.SessionStore",)),
    ("model", "Sessions and results", ("session_store.model",)),
    ("settings", "Settings", ("session_store.settings.SessionSettings",)),
    ("errors", "Errors and incidents", ("session_store.errors", "session_store.incidents")),
    (
        "observing",
        "Observation and metrics",
        (
            "session_store.observing.Observation",
            "session_store.observing.Outcome",
            "session_store.catalog.metrics.Metric",
        ),
    ),
    ("web", "Web handlers", ("session_store.web", "session_store.session_lambda")),
    ("jwt", "Access tokens", ("session_store.jwt",)),
    ("oidc", "Identity providers", ("session_store.oidc",)),
    ("encryption", "Encryption", ("session_store.encryption",)),
    ("large-data", "Large data", ("session_store.large_data",)),
    ("cdk", "Constructs", ("session_store.cdk",)),
    ("aws", "AWS sessions", ("session_store.aws",)),
    ("testing", "Testing", ("session_store.testing",)),
)


def pages() -> Iterator[tuple[str, Callable[[], str]]]:
    """Path and text of each page."""
    for name, title, members in _PAGES:
        yield f"{FOLDER}/{name}.md", partial(_page, title, members)


def _page(title: str, members: tuple[str, ...]) -> str:
    return "\n\n".join((f"# {title}", *(f"::: {member}" for member in members), ""))
