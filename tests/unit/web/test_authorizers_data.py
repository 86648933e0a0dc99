"""The authorizer and sessions' data: what it hands on none of, it neither reads nor needs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest

from session_store import SessionStore, UnreadableDataError
from session_store.encryption import Encryption, FernetKeyring
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.large_data import LargeData
from session_store.validation_cache import ValidationCache
from session_store.web import Authorizer
from tests.support.bucket import BUCKET
from tests.support.cache_server import MemoryServer
from tests.support.forms import KEY
from tests.support.scene import Scene
from tests.unit.web.test_authorizer import asked

CLIENT: Final = "Firefox on Linux"
HANDED_ON: Final = {"context_data_keys": ("tier",)}


def encrypting(*keys: str) -> dict[str, Any]:
    return {"encryption": Encryption(FernetKeyring(KEY), store_id="shop", keys=keys or None)}


def in_s3() -> dict[str, Any]:
    return {"large_data": LargeData("any", threshold=1024, client=BUCKET)}


# Each call is for another process, which knows no data key.
FORMS: Final[dict[str, Callable[[], dict[str, Any]]]] = {
    "plain": dict,
    "compressed": lambda: {"compression": True},
    "encrypted": encrypting,
    "encrypted by keys": lambda: encrypting("tier"),
    "in S3": in_s3,
    "compressed, encrypted, in S3": lambda: {"compression": True, **encrypting(), **in_s3()},
}
EACH_FORM: Final = pytest.mark.parametrize("form", FORMS)


def token_of(scene: Scene, form: str) -> str:
    """The token of a customer's session with much data in a form."""
    store = scene.another_store(**FORMS[form]())
    data = {"tier": "gold", "notes": [f"note {number}" for number in range(400)]}
    return store.create_session("ana", data=data, client=CLIENT).token


def context(store: SessionStore, token: str, **settings: Any) -> dict[str, Any]:
    """What an authorizer hands on of a session that it lets through."""
    answer = Authorizer(store, AuthorizerSettings(**settings)).answer(asked(token=token))
    assert answer["isAuthorized"]
    handed_on: dict[str, Any] = answer["context"]
    return handed_on


@EACH_FORM
def test_one_request_to_the_table_is_all_that_it_makes(scene: Scene, form: str) -> None:
    token = token_of(scene, form)
    BUCKET.calls.clear()

    assert context(scene.store_with(**FORMS[form]()), token)["customer_id"] == "ana"

    assert scene.faults.operations == ["Query"]  # a data key would take a GetItem
    assert not BUCKET.calls
    assert context(scene.store_with(**FORMS[form]()), token, **HANDED_ON)["tier"] == "gold"


@EACH_FORM
def test_it_needs_neither_keys_nor_bucket_unless_it_hands_data_on(scene: Scene, form: str) -> None:
    token = token_of(scene, form)

    assert context(scene.store, token)["customer_id"] == "ana"
    for settings in (HANDED_ON, {"max_auth_age": timedelta(hours=1)}, {"required_acr": ("gold",)}):
        if form not in {"plain", "compressed"}:
            with pytest.raises(UnreadableDataError):
                context(scene.store, token, **settings)


@EACH_FORM
def test_a_session_whose_data_cannot_be_read_is_let_through(scene: Scene, form: str) -> None:
    token = token_of(scene, form)
    BUCKET.objects = {}
    scene.make_unreadable()

    assert context(scene.store_with(**FORMS[form]()), token)["customer_id"] == "ana"
    with pytest.raises(UnreadableDataError):
        context(scene.store_with(**FORMS[form]()), token, **HANDED_ON)


@EACH_FORM
def test_what_it_puts_into_a_cache_is_good_for_those_who_read_data(scene: Scene, form: str) -> None:
    token, server = token_of(scene, form), MemoryServer()
    cached = {"validation_cache": ValidationCache.on(server)}
    without_keys, reader = scene.store_with(**cached), scene.store_with(**cached, **FORMS[form]())

    for _ in range(2):
        assert context(without_keys, token)["customer_id"] == "ana"
    session = reader.validate_and_rotate(token).session

    assert (session.data["tier"], session.client) == ("gold", CLIENT)
    assert scene.faults.operations.count("Query") == 1
