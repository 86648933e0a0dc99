"""Every route, called by the clients that OpenAPI Generator makes of the two documents for Python.

Arguments: the URLs of both APIs, and the region. The keys to sign with are in the environment.
"""

import sys
from typing import TypeVar
from uuid import uuid4

import user_routes_client as mine
from session_store_client import (
    ApiClient,
    ChildSessionsApi,
    Configuration,
    CreateChildSessionRequest,
    CreatedSession,
    CreateSessionRequest,
    CustomersApi,
    EndReason,
    Introspection,
    IntrospectTokenRequest,
    SessionsApi,
    SessionState,
    UpdateSessionRequest,
)
from session_store_client.exceptions import NotFoundException
from signed_urllib3 import SignedPool

T = TypeVar("T")


def some(value: T | None) -> T:
    """The value, which has to be there."""
    assert value is not None
    return value


def start(sessions: SessionsApi, customer: str) -> CreatedSession:
    data = {"cart": ["tea"], "role": "admin"}
    return sessions.create_session(CreateSessionRequest(customer_id=customer, data=data))


def introspect(sessions: SessionsApi, token: str) -> Introspection:
    return sessions.introspect_token(IntrospectTokenRequest(token=token))


def back_end(client: ApiClient, customer: str) -> None:
    sessions, children, customers = SessionsApi(client), ChildSessionsApi(client), CustomersApi(client)
    first, second = start(sessions, customer), start(sessions, customer)
    first_id = first.session.session_id
    assert first.session.data["cart"] == ["tea"]
    assert sessions.get_session(first_id).created_at.utcoffset() is not None
    assert sessions.extend_session(first_id).expires_at >= first.session.expires_at
    patch = UpdateSessionRequest(data={"cart": None, "lang": "de"}, session_state="closing")
    changed = sessions.update_session(second.session.session_id, patch)
    assert (changed.data, changed.session_state) == ({"lang": "de", "role": "admin"}, SessionState.CLOSING)

    child = children.create_child_session(first_id, CreateChildSessionRequest(audience="mail")).child
    assert children.get_child_sessions(first_id).children == [child]
    assert children.get_session_by_child(child.child_session_id).session_id == first_id
    children.end_child_session(first_id, child.child_session_id)

    good, bad = introspect(sessions, first.token), introspect(sessions, second.token)
    assert (good.active, some(good.session).session_id, bad.active, bad.session) == (True, first_id, False, None)

    page = customers.get_customer_sessions(customer, limit=1)
    rest = customers.get_customer_sessions(customer, cursor=page.cursor)
    assert [each.session_id for each in rest.sessions] == [first_id]
    assert customers.get_customer_session(customer, first_id).customer_id == customer
    assert customers.get_last_login_time(customer).last_login_time == second.session.last_login_time
    ended = customers.end_customer_sessions(customer, var_except=first_id)
    assert (ended.expired, ended.cursor) == (1, None)
    sessions.end_session(first_id, reason=EndReason.OPERATOR)
    assert customers.erase_customer(customer).purged > 0
    try:
        sessions.get_session(uuid4())
    except NotFoundException as error:
        problem = some(error.data)
    assert problem.status == 404


def users(url: str, sessions: SessionsApi, customer: str) -> None:
    token, other = start(sessions, customer).token, start(sessions, customer).session.session_id
    configuration = mine.Configuration(url, access_token=token)
    client = mine.ApiClient(configuration)
    one, all_of_mine = mine.SessionApi(client), mine.MySessionsApi(client)
    session = one.get_my_session()
    changed = one.update_my_session(mine.UpdateMySessionRequest(data={"theme": "dark"}))
    replaced = one.replace_my_data(str(changed.version), {"theme": "light"})
    assert (replaced.data["theme"], replaced.version) == ("light", session.version + 2)
    configuration.access_token = some(one.rotate_my_token().token)
    listed = all_of_mine.get_my_sessions().sessions
    assert {each.session_id: each.is_current for each in listed} == {session.session_id: True, other: False}
    all_of_mine.end_my_session(other)
    assert all_of_mine.end_my_other_sessions().cursor is None
    one.sign_out()


def main(api: str, user_api: str, region: str) -> None:
    client = ApiClient(Configuration(api))
    client.rest_client.pool_manager = SignedPool(region)
    back_end(client, f"ana+{uuid4()}@example.com")
    users(user_api, SessionsApi(client), f"user-{uuid4()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
