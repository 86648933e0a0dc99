"""A store that is not set up right says so, on every engine."""

from __future__ import annotations

import pytest

from session_store import SessionStore, StoreConfigurationError
from tests.support.engines import Difference, Engine
from tests.support.methods import METHODS
from tests.support.scene import Scene, SignedIn


def test_a_wrong_table_name_is_named_by_every_method(scene: Scene, signed_in: SignedIn) -> None:
    store = SessionStore("no-such-table", dynamodb_client=scene.client, clock=scene.clock)

    for method in METHODS.values():
        with pytest.raises(StoreConfigurationError, match="no-such-table"):
            method(store, signed_in)


def test_a_tables_arn_does_as_well_as_its_name(scene: Scene, engine: Engine, signed_in: SignedIn) -> None:
    if engine.differs(Difference.ARN):
        pytest.skip(Difference.ARN)
    arn = scene.client.describe_table(TableName=scene.table_name)["Table"]["TableArn"]

    store = SessionStore(arn, dynamodb_client=scene.client, clock=scene.clock)

    assert store.validate(signed_in.token) == signed_in.root.session
    assert store.get_session_by_child(signed_in.child_id) == signed_in.root.session
