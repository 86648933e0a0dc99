"""Serves an issuer's documents. Every caller may read them, and every cache may keep them for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

from session_store.api.dispatcher import Dispatcher
from session_store.catalog.access_tokens import ISSUER_ROUTES
from session_store.clock import SystemClock
from session_store.jwt.agreed import KEYS_PATH
from session_store.jwt.documents import KeyDocuments
from session_store.jwt.settings import KeyDocumentSettings
from session_store.kernel.response import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.api.call import Call
    from session_store.catalog.functions import Function
    from session_store.catalog.route import Route

_OK: Final = 200
# A new key is published 2 hours before it signs, and gateways keep their own copy that long.
_CACHE: Final = {"Cache-Control": "public, max-age=300"}


class DocumentDispatcher(Dispatcher):
    """Serves the documents. Its store has no permission and is asked nothing.

    Attributes:
        documents: what it serves.
    """

    documents: KeyDocuments
    _among = ISSUER_ROUTES

    @classmethod
    def from_environment(cls, function: Function) -> Self:
        """The dispatcher of a deployed function, its documents from the environment.

        Raises:
            StoreConfigurationError: a variable is missing or malformed.
        """
        made = super().from_environment(function)
        made.documents = KeyDocuments(KeyDocumentSettings.from_environment(), SystemClock())
        return made

    def _serve(self, route: Route, call: Call, event: Mapping[str, Any]) -> Answer:  # noqa: ARG002 - they are the same
        documents = self.documents
        return Answer(_OK, documents.keys() if route.path == KEYS_PATH else documents.discovery(), headers=_CACHE)
