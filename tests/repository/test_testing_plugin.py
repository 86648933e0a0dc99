"""The pytest plugin for users' own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from session_store import InvalidInputError, SessionSettings, SessionStore, StoreConfigurationError
from session_store.testing import MovableClock, in_memory_store, moto_store

MOMENT = datetime(2023, 5, 12, 11, 30, tzinfo=UTC)

USERS_OWN_SETTINGS = """
from datetime import timedelta

import pytest

from session_store import SessionSettings

@pytest.fixture
def session_store_settings():
    return SessionSettings(idle_timeout=timedelta(hours=13), absolute_timeout=timedelta(hours=13))

def test_a_session_lives_longer(session_store, session_clock):
    session = session_store.create_session("customer-1").session
    session_clock.advance(timedelta(hours=12))
    assert session_store.get_session(session.session_id) is not None
"""
USERS_TEST = """
from datetime import timedelta

def test_a_visit_is_counted(session_store, session_clock):
    session = session_store.create_session("customer-1").session
    session_clock.advance(timedelta(hours=12))
    assert session_store.get_session(session.session_id) is None

def test_each_test_begins_with_an_empty_store(session_store):
    assert session_store.get_last_login_time("customer-1") is None
"""


def test_the_store_of_the_fixture_lives_in_the_fixtures_clock(
    session_store: SessionStore, session_clock: MovableClock
) -> None:
    session = session_store.create_session("ana").session
    assert session.created_at.timestamp() == session_clock.now()

    session_clock.advance(timedelta(minutes=30))

    assert session_store.get_session(session.session_id) is None


def test_users_need_one_line_and_no_aws_configuration(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ("session_store.testing",)\n')
    (tmp_path / "test_theirs.py").write_text(USERS_TEST)
    (tmp_path / "test_with_settings.py").write_text(USERS_OWN_SETTINGS)
    # As bad as it gets: a profile that does not exist, and an endpoint where nothing listens.
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_PROFILE": "no-such-profile",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", str(tmp_path)],
        env=environment,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_a_store_with_settings_of_ones_own() -> None:
    settings = SessionSettings(idle_timeout=timedelta(minutes=1))
    with in_memory_store(clock=MovableClock(MOMENT), settings=settings) as store:
        session = store.create_session("ana").session

    assert session.created_at == MOMENT
    assert session.expires_at == MOMENT + timedelta(minutes=1)


def test_the_absence_of_moto_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moto", None)

    with pytest.raises(ImportError, match=r"pip install '\.\[testing\]'"), moto_store():
        pass


def test_pytest_is_not_needed() -> None:
    code = """
import sys
sys.modules["pytest"] = None
from session_store.testing import in_memory_store
with in_memory_store() as store:
    print(store.create_session("ana").session.customer_id)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.stdout, done.stderr) == ("ana\n", "")


def test_stores_inside_one_another_share_nothing(session_store: SessionStore) -> None:
    with in_memory_store() as inner, in_memory_store() as innermost:
        session_store.create_session("ana")
        inner.create_session("ben")

        assert [bool(store.get_last_login_time("ana")) for store in (session_store, inner, innermost)] == [1, 0, 0]
        assert [bool(store.get_last_login_time("ben")) for store in (session_store, inner, innermost)] == [0, 1, 0]


def test_a_block_with_the_table_name_of_the_block_around_it_is_refused(session_store: SessionStore) -> None:
    session = session_store.create_session("ana").session

    with pytest.raises(InvalidInputError, match="table_name"), in_memory_store(table_name=session_store.table_name):
        pass

    assert session_store.get_session(session.session_id) == session


def test_a_store_that_is_done_leaves_nothing_to_the_next(session_store: SessionStore) -> None:
    for _ in range(2):
        with in_memory_store() as store:
            assert store.get_last_login_time("ana") is None
            store.create_session("ana")


def test_stores_made_inside_the_block_find_its_table(
    session_store: SessionStore, session_clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TABLE_NAME", session_store.table_name)
    token = session_store.create_session("ana").token

    for store in (SessionStore(session_store.table_name, clock=session_clock), SessionStore.from_environment()):
        assert store.validate(token).customer_id == "ana"


def test_no_store_finds_a_table_in_memory_after_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    with in_memory_store() as inside:
        store = SessionStore(inside.table_name)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)

    with pytest.raises(StoreConfigurationError, match="no table"):
        store.get_last_login_time("ana")
    with pytest.raises(StoreConfigurationError, match="region"):
        SessionStore(inside.table_name)


def test_a_store_on_moto_leaves_other_services_to_moto() -> None:
    with moto_store() as store:
        assert boto3.client("sqs", region_name="us-east-1").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
        assert store.validate(store.create_session("ana").token).customer_id == "ana"


def test_a_table_of_another_name(session_store: SessionStore) -> None:
    with in_memory_store(table_name="visits"):
        store = SessionStore("visits", region_name="us-east-1")
        assert store.get_last_login_time("ana") is None

    with pytest.raises(StoreConfigurationError, match="visits"):
        store.get_last_login_time("ana")


@pytest.mark.parametrize(
    ("given", "error"), [({"timeout": 5}, "'timeout'"), ({"settings": {}}, "settings: must be a SessionSettings")]
)
def test_a_wrong_argument_says_so(session_store: SessionStore, given: dict[str, Any], error: str) -> None:
    with pytest.raises((TypeError, ValueError), match=error), in_memory_store(**given):
        pass


def test_a_clock_stands_still_until_it_is_moved() -> None:
    clock = MovableClock(MOMENT)
    assert clock.now() == clock.now() == MOMENT.timestamp()

    clock.advance(2)
    clock.advance(timedelta(minutes=1))
    clock.sleep(0.5)

    assert clock.now() == MOMENT.timestamp() + 62.5
    assert clock.monotonic() == 62.5


def test_a_clock_begins_with_the_current_whole_second() -> None:
    now = MovableClock().now()

    assert now == int(now)
    assert abs(now - datetime.now(UTC).timestamp()) < 60


def test_setting_a_clock_lets_no_time_pass() -> None:
    clock = MovableClock(MOMENT)
    clock.set(MOMENT - timedelta(days=1))

    assert clock.now() == MOMENT.timestamp() - 86_400
    assert clock.monotonic() == 0


def test_a_clock_refuses_what_would_be_a_mistake() -> None:
    clock = MovableClock(MOMENT)

    with pytest.raises(ValueError, match="set"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="time zone"):
        MovableClock(datetime(2023, 5, 12))  # noqa: DTZ001
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2023, 5, 12))  # noqa: DTZ001 - that is the mistake
