"""A session's life with the library: sign in, come back, change something, sign out."""

from session_store import InvalidTokenError, SessionStore

store = SessionStore("sessions")  # the table's name; make one store per process and share it

# Signing in: the token goes to the client and is kept nowhere else.
created = store.create_session("customer-1", data={"cart": []}, client="Firefox on Linux")
token = created.token

# Every request: is this token good, and whose is it? Counts as activity.
session = store.validate(token)
print(session.customer_id, session.data)  # customer-1 {'cart': []}

# A merge patch (RFC 7396). Two requests that change different keys both win.
session = store.update_data(session, {"cart": ["tea"], "language": "en"})
session = store.increment(session, "visits")
print(session.data)  # {'cart': ['tea'], 'language': 'en', 'visits': 1}

# Signing out: from here on the token is refused, on every machine.
store.end_session(session)
try:
    store.validate(token)
except InvalidTokenError as error:
    print(error.refusal)  # ended
