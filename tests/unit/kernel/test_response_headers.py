"""The headers of a response that depends on a session."""

from __future__ import annotations

import pytest

from session_store.kernel.response_headers import SessionHeaders

Fields = list[tuple[str, str]]
NO_STORE = ("Cache-Control", "no-store")
VARY = ("Vary", "Authorization, Cookie")
TO_CERTAIN_CACHES = ["CDN-Cache-Control", "Cloudflare-CDN-Cache-Control"]
CDN = ("CDN-Cache-Control", "max-age=60")


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ([], [NO_STORE, VARY]),
        ([("cache-control", "private")], [("cache-control", "private"), VARY]),
        ([("Cache-Control", "private"), CDN], [("Cache-Control", "private"), CDN, VARY]),
        ([CDN, ("X-Own", "1"), ("X-Accel-Expires", "5")], [("X-Own", "1"), NO_STORE, VARY]),
        ([("VARY", "Accept")], [NO_STORE, ("Vary", "Accept, Authorization, Cookie")]),
        ([("Vary", "accept, cookie")], [NO_STORE, ("Vary", "accept, cookie, Authorization")]),
        ([("vary", "a,,"), ("Vary", " b ")], [NO_STORE, ("Vary", "a, b, Authorization, Cookie")]),
        ([("Vary", "authorization,Cookie")], [NO_STORE, ("Vary", "authorization,Cookie")]),
        ([("Vary", "*")], [NO_STORE, ("Vary", "*")]),
        ([("Vary", "Cookie"), ("vary", "authorization")], [NO_STORE, ("Vary", "Cookie"), ("vary", "authorization")]),
    ],
    ids=str,
)
def test_the_applications_own_cache_rules_stay_while_no_token_goes_along(own: Fields, expected: Fields) -> None:
    assert SessionHeaders(hands_out_token=False).added_to(own) == expected


@pytest.mark.parametrize(
    "name", ["cache-control", *TO_CERTAIN_CACHES, "surrogate-control", "Edge-Control", "X-Accel-Expires"]
)
def test_no_cache_stores_a_response_with_a_token(name: str) -> None:
    own = [("X-Own", "1"), (name, "max-age=60"), (name.upper(), "public")]

    assert SessionHeaders(hands_out_token=True).added_to(own) == [("X-Own", "1"), NO_STORE, VARY]


def test_cookies_come_after_the_applications_own() -> None:
    own = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
    added = [NO_STORE, VARY, ("Set-Cookie", "c=3")]
    assert SessionHeaders(hands_out_token=True, cookies=("c=3",)).added_to(own) == own + added
