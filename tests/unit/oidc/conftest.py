from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from session_store import SessionStore
from session_store.oidc import OidcSignIn, backchannel_logout_handler, sign_in_handler
from session_store.testing import MovableClock
from tests.support.provider import CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, Browser, Provider, providing
from tests.support.scene import Scene
from tests.unit.oidc.elsewhere import Elsewhere

Client = Callable[..., Browser]


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as found:
        yield found


@pytest.fixture
def signing_in(provider: Provider, session_clock: MovableClock) -> Callable[..., OidcSignIn]:
    """Makes the client of the provider, with changed arguments."""

    def make(**changed: Any) -> OidcSignIn:
        arguments = {
            "issuer": provider.url,
            "client_id": CLIENT_ID,
            "client_secret": lambda: CLIENT_SECRET,
            "redirect_uri": REDIRECT_URI,
            "customer_prefix": "kit:",
            "clock": session_clock,
        }
        return OidcSignIn(**{**arguments, **changed})

    return make


@pytest.fixture
def client(provider: Provider, signing_in: Callable[..., OidcSignIn], session_store: SessionStore) -> Client:
    """Makes a browser in front of the routes, with changed arguments of the sign-in."""

    def make(*, routes: dict[str, Any] | None = None, **changed: Any) -> Browser:
        return Browser(sign_in_handler(signing_in(**changed), store=session_store, **(routes or {})), provider)

    return make


@pytest.fixture
def browser(client: Client) -> Browser:
    return client()


@pytest.fixture
def elsewhere(
    scene: Scene, provider: Provider, signing_in: Callable[..., OidcSignIn], caplog: pytest.LogCaptureFixture
) -> Iterator[Elsewhere]:
    sessions = [scene.other.create_session(name).session for name in ("kit:ana", "kit:ana", "other:ana")]
    yield Elsewhere(provider, scene, backchannel_logout_handler(signing_in(), store=scene.store), sessions)
    assert not [word for word in ("eyJ", "logout_token=") if word in caplog.text]
