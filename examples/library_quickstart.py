"""A session's life with the library: sign in, come back, change something, sign out."""

import sys

from session_store import SessionStore, SessionStoreError


def main() -> None:
    """Needs TABLE_NAME, a region and credentials in the environment."""
    store = SessionStore.from_environment()  # one per process
    token = store.create_session("customer-1", data={"cart": []}).token  # for the client; the table keeps a hash
    session = store.validate(token)  # at every request: is it valid, and whose is it?
    print(session.customer_id, session.data)  # customer-1 {'cart': []}
    session = store.update_data(session, {"cart": ["tea"]})  # saves of different keys both win
    session = store.increment(session, "visits")
    print(session.data)  # {'cart': ['tea'], 'visits': 1}
    store.end_session(session)  # from here on the token is refused, on every machine
    print(store.get_session(session.session_id))  # None


if __name__ == "__main__":
    try:
        main()
    except SessionStoreError as error:
        sys.exit(f"error: {error}")
