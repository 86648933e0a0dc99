from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from session_store import SessionStore
from session_store.catalog.route import Route
from session_store.kernel.web_settings import UserRouteSettings
from tests.support.reply import Reply
from tests.support.scene import Scene
from tests.support.visitor import Visitor
from tests.unit.gateway import UserGateway

# What the tests keep in a session, all of it the user's.
SETTINGS = UserRouteSettings(data_keys=("theme", "lang", "cart", "name", "a", "b"))


BODIES = {"PATCH /session": {"data": {"a": 2}}, "PUT /session/data": {"a": 2}}


def send(visitor: Visitor, route: Route, **headers: str) -> Reply:
    """A good request to a route."""
    url = route.path.replace("{session_id}", "018f0000-0000-7000-8000-000000000000")
    return visitor.call(route.method, url, BODIES.get(route.key), headers={"if-match": "1", **headers})


@dataclass(frozen=True)
class Site:
    """An application with the user routes, on one table."""

    scene: Scene

    @property
    def other(self) -> SessionStore:
        """The store of another process, for instance of the application's back end."""
        return self.scene.other

    def gateway(self, settings: UserRouteSettings | None = None, **store: Any) -> UserGateway:
        return UserGateway(self.scene.store_with(**store), settings or SETTINGS)

    def visitor(self, token: str | None = None, *, bearer: bool = False) -> Visitor:
        return Visitor(self.gateway().send, token, bearer=bearer)

    def signed_in(self, customer_id: str | None = "ana", **session: Any) -> Visitor:
        """A visitor with a new session."""
        return self.visitor(self.other.create_session(customer_id, **session).token)


@pytest.fixture
def site(scene: Scene) -> Site:
    return Site(scene)
