"""For your own tests: a ready store in memory, and a clock you can move.

With pytest, in `conftest.py`:

    pytest_plugins = ("session_store.testing",)

    def test_a_visit_is_counted(session_store, session_clock):
        session = session_store.create_session("customer-1").session
        session_clock.advance(timedelta(hours=12))
        assert session_store.get_session(session.session_id) is None

With settings of your own, the fixture that has them:

    @pytest.fixture
    def session_store_settings():
        return SessionSettings(idle_timeout=timedelta(minutes=5))

Without pytest, or for a second store in a test:

    with in_memory_store(settings=SessionSettings(max_sessions_per_customer=3)) as store: ...

The store is the real one, on tables in memory. It needs no AWS credentials, no region, no further package. It does not
show request units, IAM or the delay of the index. `moto_store` is the same on moto (the extra `testing`), for tests
that use other AWS services in the same block.
"""

from session_store.testing.clock import MovableClock
from session_store.testing.memory import in_memory_store
from session_store.testing.moto_store import moto_store
from session_store.testing.table import TableCreator, create_table

# For pytest, which loads them when a `conftest.py` names this package; without pytest it is a plain tuple.
pytest_plugins = ("session_store.testing.fixtures",)

__all__ = ["MovableClock", "TableCreator", "create_table", "in_memory_store", "moto_store"]
