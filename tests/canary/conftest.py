"""Every family and secret of these tests carries a mark."""

from __future__ import annotations

import secrets

import pytest

from tests.canary.marks import marked_token_part


@pytest.fixture(autouse=True)
def _marked_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_urlsafe", marked_token_part)
