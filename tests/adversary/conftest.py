"""An attacker has what a scene gives: a store whose calls are seen, and a victim's session with a child."""

from __future__ import annotations

import pytest

from tests.support.scene import SignedIn


@pytest.fixture
def victim(signed_in: SignedIn) -> SignedIn:
    return signed_in
