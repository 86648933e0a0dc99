"""Arguments that `@session` refuses at import, before the first request comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from session_store import InvalidInputError, SessionStore
from session_store.web import session


def test_the_store_in_the_handlers_place_says_how_to_give_it(session_store: SessionStore) -> None:
    decorate: Any = session

    with pytest.raises(InvalidInputError, match=r"handler: must be a function: .*@session\(store=\.\.\.\)"):
        decorate(session_store)


@pytest.mark.shows("T19")
@pytest.mark.parametrize(
    "arguments",
    [
        {"store": "sessions"},
        {"allowed_origins": "https://app.example.com"},
        {"allowed_origins": 5},
        {"allowed_origins": ["https://app.example.com/"]},
        {"allowed_origins": ["*"]},
        {"allowed_origins": ["app.example.com"]},
        {"allowed_origins": ["https://App.example.com"]},
        {"allowed_origins": ["http://app.example.com"]},
        {"allowed_origins": ["http://localhost.example.com"]},
        {"allowed_origins": ["http://notlocalhost"]},
        {"allowed_origins": ["http://127.0.0.1.example.com"]},
        {"allowed_origins": ["http://192.168.0.1"]},
        {"allowed_origins": ["http://[::2]"]},
        {"required": "yes"},
        {"strict": 1},
        {"csrf": None},
        {"cookie_only": "yes"},
        {"max_auth_age": 300},
        {"max_auth_age": timedelta(days=-1)},
        {"required_acr": ""},
        {"required_acr": []},
        {"activity": "read_only"},
        {"activity": None},
        {"max_data_bytes": 1023},
        {"max_data_bytes": "64 KB"},
    ],
    ids=repr,
)
def test_a_bad_argument_is_refused_and_named(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError) as error:
        session(**arguments)

    assert [error.value.field] == list(arguments)


def test_origins_come_in_any_collection(session_store: SessionStore) -> None:
    for origins in (["https://a.example"], ("https://a.example",), {"https://a.example"}, iter(["https://a.example"])):
        session(store=session_store, allowed_origins=origins)  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["localhost", "app.localhost", "127.0.0.1", "[::1]"])
def test_an_origin_on_this_machine_may_do_without_tls(session_store: SessionStore, host: str) -> None:
    session(store=session_store, allowed_origins=[f"http://{host}", f"http://{host}:5173", f"https://{host}"])
