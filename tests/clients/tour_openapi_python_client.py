"""Every route, called by the clients that openapi-python-client makes of the two documents.

Arguments: the URLs of both APIs, and the region. The keys to sign with are in the environment.
"""

import sys
from typing import TypeVar
from uuid import UUID, uuid4

from session_store_client import Client
from session_store_client.api.child_sessions import (
    create_child_session,
    end_child_session,
    get_child_sessions,
    get_session_by_child,
)
from session_store_client.api.customers import (
    end_customer_sessions,
    erase_customer,
    get_customer_session,
    get_customer_sessions,
    get_last_login_time,
)
from session_store_client.api.sessions import (
    create_session,
    end_session,
    extend_session,
    get_session,
    introspect_token,
    update_session,
)
from session_store_client.models import (
    ChildSessions,
    CreateChildSessionRequest,
    CreatedChildSession,
    CreatedSession,
    CreateSessionRequest,
    DataPatch,
    DeletedRows,
    EndedSessions,
    EndReason,
    Introspection,
    IntrospectTokenRequest,
    LastLogin,
    Problem,
    Session,
    SessionData,
    SessionPage,
    SessionState,
    UpdateSessionRequest,
)
from session_store_client.types import Unset
from signed_httpx import Signed
from user_routes_client import AuthenticatedClient
from user_routes_client import models as mine
from user_routes_client.api.my_sessions import end_my_other_sessions, end_my_session, get_my_sessions
from user_routes_client.api.session import get_my_session, replace_my_data, rotate_my_token, sign_out, update_my_session

T = TypeVar("T")


def an(expected: type[T], answer: object) -> T:
    """The answer, which has to be of this kind."""
    assert isinstance(answer, expected), answer
    return answer


def start(client: Client, customer: str) -> CreatedSession:
    data = SessionData.from_dict({"cart": ["tea"], "role": "admin"})
    created = create_session.sync(client=client, body=CreateSessionRequest(customer_id=customer, data=data))
    return an(CreatedSession, created)


def introspect(client: Client, token: str) -> Introspection:
    return an(Introspection, introspect_token.sync(client=client, body=IntrospectTokenRequest(token)))


def back_end(client: Client, customer: str) -> None:
    first, second = start(client, customer), start(client, customer)
    first_id = first.session.session_id
    assert first.session.data["cart"] == ["tea"]
    assert an(Session, get_session.sync(first_id, client=client)).created_at.utcoffset() is not None
    assert an(Session, extend_session.sync(first_id, client=client)).expires_at >= first.session.expires_at
    patch = UpdateSessionRequest(data=DataPatch.from_dict({"cart": None, "lang": "de"}), session_state="closing")
    changed = an(Session, update_session.sync(second.session.session_id, client=client, body=patch))
    assert (changed.data.to_dict(), changed.session_state) == ({"lang": "de", "role": "admin"}, SessionState.CLOSING)

    body = CreateChildSessionRequest(audience="mail")
    child = an(CreatedChildSession, create_child_session.sync(first_id, client=client, body=body)).child
    assert an(ChildSessions, get_child_sessions.sync(first_id, client=client)).children == [child]
    assert an(Session, get_session_by_child.sync(child.child_session_id, client=client)).session_id == first_id
    assert end_child_session.sync_detailed(first_id, child.child_session_id, client=client).status_code == 204

    good, bad = introspect(client, first.token), introspect(client, second.token)
    assert good.active
    assert an(Session, good.session).session_id == first_id
    assert (bad.active, type(bad.session)) == (False, Unset)

    page = an(SessionPage, get_customer_sessions.sync(customer, client=client, limit=1))
    rest = an(SessionPage, get_customer_sessions.sync(customer, client=client, cursor=an(str, page.cursor)))
    assert [each.session_id for each in rest.sessions] == [first_id]
    assert an(Session, get_customer_session.sync(customer, first_id, client=client)).customer_id == customer
    last = an(LastLogin, get_last_login_time.sync(customer, client=client))
    assert last.last_login_time == second.session.last_login_time
    ended = an(EndedSessions, end_customer_sessions.sync(customer, client=client, except_=first_id))
    assert (ended.expired, ended.cursor) == (1, None)
    assert end_session.sync_detailed(first_id, client=client, reason=EndReason.OPERATOR).status_code == 204
    assert an(DeletedRows, erase_customer.sync(customer, client=client)).purged > 0
    assert an(Problem, get_session.sync(uuid4(), client=client)).status == 404


def users(url: str, client: Client, customer: str) -> None:
    token, other = start(client, customer).token, start(client, customer).session.session_id
    user = AuthenticatedClient(url, token)
    session = an(mine.Session, get_my_session.sync(client=user))
    body = mine.UpdateMySessionRequest(mine.DataPatch.from_dict({"theme": "dark"}))
    changed = an(mine.Session, update_my_session.sync(client=user, body=body))
    data = mine.SessionData.from_dict({"theme": "light"})
    replaced = an(mine.Session, replace_my_data.sync(client=user, body=data, if_match=str(changed.version)))
    assert (replaced.data["theme"], replaced.version) == ("light", session.version + 2)
    token = an(str, an(mine.Rotation, rotate_my_token.sync(client=user)).token)
    user = AuthenticatedClient(url, token)
    listed = an(mine.ListedSessions, get_my_sessions.sync(client=user)).sessions
    assert {each.session_id: each.is_current for each in listed} == {session.session_id: True, other: False}
    assert end_my_session.sync_detailed(UUID(str(other)), client=user).status_code == 204
    assert an(mine.EndedSessions, end_my_other_sessions.sync(client=user)).cursor is None
    assert sign_out.sync_detailed(client=user).status_code == 204
    assert an(mine.Problem, get_my_session.sync(client=user)).status == 401


def main(api: str, user_api: str, region: str) -> None:
    client = Client(api, httpx_args={"auth": Signed(region)})
    back_end(client, f"ana+{uuid4()}@example.com")
    users(user_api, client, f"user-{uuid4()}")


if __name__ == "__main__":
    main(*sys.argv[1:])
