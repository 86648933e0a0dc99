"""A thief with a copy of a customer's token, who asks for new ones over HTTP again and again, and throws them away."""

from __future__ import annotations

from datetime import timedelta

import pytest

from session_store.kernel.web_settings import UserRouteSettings
from tests.support.scene import Scene
from tests.support.visitor import visitor_with
from tests.unit.gateway import UserGateway

TWO_MINUTES = timedelta(minutes=2)


@pytest.mark.parametrize("every", [1, 7], ids=lambda number: f"every {2 * number} minutes")
@pytest.mark.parametrize("bearer", [True, False], ids=["bearer", "cookie"])
def test_a_thief_who_rotates_again_and_again_is_found_while_the_owner_visits(
    scene: Scene, every: int, *, bearer: bool
) -> None:
    token = scene.store.create_session("ana").token
    send = UserGateway(scene.store, UserRouteSettings()).send
    owner = visitor_with(send, token)

    for visit in range(1, 18):
        scene.clock.advance(TWO_MINUTES)
        theirs = owner.get("/session")
        thiefs = visitor_with(send, token, bearer=bearer)
        if visit % every == 0 and thiefs.call("POST", "/session/rotate").status == 401:
            break

    assert theirs.status == 200
    assert visit <= 14
    assert owner.get("/session").status == 401, "the session has ended for both"
