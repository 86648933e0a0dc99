"""The store's own connection."""

from __future__ import annotations

from session_store.aws.connection import Key


def test_an_access_key_shows_its_id_and_not_its_secret() -> None:
    key = Key("AKIAIOSFODNN7EXAMPLE", "not-to-be-shown")

    assert "AKIAIOSFODNN7EXAMPLE" in repr(key)
    assert "not-to-be-shown" not in f"{key!r} {key!s}"
