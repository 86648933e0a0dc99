"""Serves the back ends' routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store.api import backend_handlers
from session_store.api.dispatcher import Dispatcher, handlers_of
from session_store.catalog.routes import BACKEND_ROUTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.api.call import Call
    from session_store.catalog.route import Route
    from session_store.kernel.response import Answer

_HANDLERS: Final = handlers_of(BACKEND_ROUTES, backend_handlers)


class BackendDispatcher(Dispatcher):
    """Serves the routes of one function."""

    def _serve(self, route: Route, call: Call, event: Mapping[str, Any]) -> Answer:  # noqa: ARG002 - users' routes need it
        return _HANDLERS[route.operation_id](self._store, call)
