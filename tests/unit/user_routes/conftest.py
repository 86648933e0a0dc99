from __future__ import annotations

from typing import Any

import pytest

from session_store.catalog.route import Route
from session_store.kernel.web_settings import UserRouteSettings
from tests.support.checked_api import checked
from tests.support.reply import Reply
from tests.support.scene import Scene
from tests.support.visitor import Visitor, visitor_with
from tests.unit.gateway import UserGateway

# The data that the tests keep in a session, all of it the user's.
SETTINGS = UserRouteSettings(data_keys=("theme", "lang", "cart", "name", "a", "b"))


BODIES = {"PATCH /session": {"data": {"a": 2}}, "PUT /session/data": {"a": 2}}


def send(visitor: Visitor, route: Route, **headers: str) -> Reply:
    """A good request to a route."""
    url = route.path.replace("{session_id}", "018f0000-0000-7000-8000-000000000000")
    return visitor.call(route.method, url, BODIES.get(route.key), headers={"if-match": "1", **headers})


class Site:
    """An application with the user routes, on one table; `other` is the store of its back end, for instance."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.other = scene, scene.other

    def gateway(self, settings: UserRouteSettings | None = None, **store: Any) -> UserGateway:
        return UserGateway(self.scene.store_with(**store), settings or SETTINGS)

    def visitor(self, token: str | None = None, *, bearer: bool = False) -> Visitor:
        return visitor_with(checked(self.gateway().send), token, bearer=bearer)

    def limited(self, data: dict[str, Any] | None = None, **settings: Any) -> Visitor:
        """A customer of an application with these settings."""
        token = self.other.create_session("ana", data=data).token
        return visitor_with(checked(self.gateway(UserRouteSettings(**settings)).send), token)

    def signed_in(self, customer_id: str | None = "ana", **session: Any) -> Visitor:
        """A visitor with a new session."""
        return self.visitor(self.other.create_session(customer_id, **session).token)


@pytest.fixture
def site(scene: Scene) -> Site:
    return Site(scene)
