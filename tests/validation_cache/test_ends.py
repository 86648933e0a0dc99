"""Each way to end sessions, with a cache on a real server that has them all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pytest

from local.valkey import Running
from session_store import InvalidTokenError, ProviderSession, SessionSettings, SessionStore
from tests.support.methods import ISSUER
from tests.support.scene import SignedIn
from tests.validation_cache.processes import HIT, Table

ENDS: Final[dict[str, Callable[[SessionStore, SignedIn], object]]] = {
    "end_session": lambda store, s: store.end_session(s.root.session),
    "end_session by id": lambda store, s: store.end_session(s.id),
    "set to closing": lambda store, s: store.update_data(s.id, {}, closing=True),
    "end all": lambda store, s: store.end_customer_sessions(s.customer_id),
    "end all but another": lambda store, s: store.end_customer_sessions(
        s.customer_id, except_session_id=store.create_session(s.customer_id).session.session_id
    ),
    "erase": lambda store, s: store.erase_customer(s.customer_id),
    "replace": lambda store, s: store.create_session(s.customer_id, replaces=s.token),
    "logout of the provider's session": lambda store, _: _log_out(store, sid="sid"),
    "logout of the customer": lambda store, s: _log_out(store, customer_id=s.customer_id),
}


def _log_out(store: SessionStore, **named: str) -> None:
    moment = datetime.fromtimestamp(store.clock.now() + 1, UTC)
    store.end_by_provider_logout(ISSUER, jti="jti", issued_at=moment, expires_at=moment, **named)


def _sign_in(store: SessionStore) -> SignedIn:
    provider = ProviderSession(ISSUER, "sid", datetime.fromtimestamp(store.clock.now(), UTC))
    root = store.create_session("ana", provider_session=provider)
    return SignedIn(root, store.create_child_session(root.session), "")


@pytest.mark.parametrize("name", ENDS)
def test_an_ended_session_is_refused_at_once_with_its_children(server: Running, table: Table, name: str) -> None:
    one, other = table.process(server.port), table.process(server.port)
    signed_in = _sign_in(one.store)
    for _ in range(2):
        counted = {other.validate(signed_in.token), other.validate(signed_in.child_token, child=True)}
    assert counted == {HIT}

    assert table.seconds_of(lambda: ENDS[name](one.store, signed_in)) == 0

    assert other.refuses(signed_in.token)
    with pytest.raises(InvalidTokenError):
        other.store.validate(signed_in.child_token, child=True)


def test_the_end_of_a_child_leaves_its_session(server: Running, table: Table) -> None:
    one, other = table.process(server.port), table.process(server.port)
    signed_in = _sign_in(one.store)
    other.validate(signed_in.child_token, child=True)

    one.store.end_child_session(signed_in.id, signed_in.child_id)

    with pytest.raises(InvalidTokenError):
        other.store.validate(signed_in.child_token, child=True)
    assert not other.refuses(signed_in.token)


def test_a_rotation_can_end_the_children_at_once(server: Running, table: Table) -> None:
    one, other = table.process(server.port), table.process(server.port)
    signed_in = _sign_in(one.store)
    other.validate(signed_in.child_token, child=True)

    one.store.rotate(signed_in.token, end_children=True)

    with pytest.raises(InvalidTokenError):
        other.store.validate(signed_in.child_token, child=True)


def test_a_session_that_the_index_does_not_show_is_refused_with_the_others(server: Running, table: Table) -> None:
    one, other = table.process(server.port), table.process(server.port)
    signed_in = _sign_in(one.store)
    other.validate(signed_in.token)
    table.hide(signed_in.id)

    one.store.end_customer_sessions("ana")

    assert other.refuses(signed_in.token)


def test_a_store_that_accepts_no_older_sessions_refuses_what_others_have_put_in(server: Running, table: Table) -> None:
    one = table.process(server.port)
    token = one.store.create_session("ana").token
    table.clock.advance(1)
    one.validate(token)

    settings = SessionSettings(not_before=datetime.fromtimestamp(table.clock.now(), UTC))

    assert table.process(server.port, settings=settings).refuses(token)


def test_a_stolen_token_ends_the_session_for_all(server: Running, table: Table) -> None:
    one, other = table.process(server.port), table.process(server.port)
    stolen = one.store.create_session("ana").token
    new = one.store.rotate(stolen).token or ""
    one.validate(new)
    table.clock.advance(241)
    one.validate(new)
    assert [other.validate(new), other.validate(new)][-1] is HIT

    assert one.refuses(stolen)

    assert other.refuses(new)
