"""From visitor to customer: an anonymous session, a sign-in that replaces it, a step that needs a recent sign-in."""

from datetime import timedelta

from session_store import ReauthenticationRequiredError, SessionSettings, SessionStore

store = SessionStore("sessions", settings=SessionSettings(idle_timeout=timedelta(minutes=30)))

# A visitor puts something into the cart. That starts an anonymous session.
visitor = store.create_session(data={"cart": ["tea"]})

# Signing in always makes a new session with a new id. The old one ends in the same transaction.
signed_in = store.create_session("customer-1", replaces=visitor.token, carry_data=True)
print(signed_in.session.data)  # {'cart': ['tea']}
print(signed_in.replaced_session_id == visitor.session.session_id)  # True
print(store.get_session(visitor.session.session_id))  # None

# Changing the password needs a sign-in of the last five minutes.
print(store.validate(signed_in.token, max_auth_age=timedelta(minutes=5)).customer_id)  # customer-1
try:
    store.validate(store.create_session().token, max_auth_age=timedelta(minutes=5))
except ReauthenticationRequiredError:
    print("sign in first")  # sign in first
