"""Everything of one customer: where they are signed in, when they last were, end all, erase."""

from session_store import InvalidTokenError, SessionStore

store = SessionStore.from_environment()
phone = store.create_session("customer-1", client="Safari on iPhone")
laptop = store.create_session("customer-1", client="Firefox on Linux")

# The customer's signed-in devices, newest first, a page at a time.
page = store.get_customer_sessions("customer-1", limit=10)
print([session.client for session in page.sessions])  # ['Firefox on Linux', 'Safari on iPhone']
print(page.cursor)  # None

# The last sign-in, even if that session has ended since.
print(store.get_last_login_time("customer-1") == laptop.session.last_login_time)  # True

# Sign out everywhere else. One call refuses all others. If it returns a cursor, call again to end the rest.
result = store.end_customer_sessions("customer-1", except_session_id=laptop.session.session_id)
print(result.count, result.cursor)  # 1 None
try:
    store.validate(phone.token)
except InvalidTokenError as error:
    print(error.refusal)  # ended
print(store.validate(laptop.token).client)  # Firefox on Linux

# An erasure request: every row of the customer is deleted, ended sessions included.
print(store.erase_customer("customer-1").count)  # 2
print(store.get_last_login_time("customer-1"))  # None
