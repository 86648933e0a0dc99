from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from session_store.web import current_session, session
from tests.support.browser import Browser

if TYPE_CHECKING:
    from tests.support.scene import Scene


@pytest.fixture
def counter(scene: Scene) -> Browser:
    """A browser on a page that counts its visits in the session."""

    @session(store=scene.store)
    def handler(event: dict[str, object], context: object) -> dict[str, object]:
        visits = current_session().get("visits", 0) + 1
        current_session()["visits"] = visits
        return {"statusCode": 200, "body": str(visits)}

    return Browser(handler)
