"""Single sign-on: one session per application under a customer's root session."""

from session_store import InvalidTokenError, SessionStore

store = SessionStore.from_environment()
root = store.create_session("customer-1").session

# Each application gets a child session, with data and a token of its own.
shop = store.create_child_session(root, audience="shop", data={"coupon": "SPRING"})
mail = store.create_child_session(root, audience="mail")

# Each says that it expects a child's token, and its own name. All other tokens are refused.
print(store.validate(shop.token, child=True, audience="shop").data)  # {'coupon': 'SPRING'}
try:
    store.validate(shop.token)
except InvalidTokenError as error:
    print(error.refusal)  # wrong kind
try:
    store.validate(mail.token, child=True, audience="shop")
except InvalidTokenError as error:
    print(error.refusal)  # wrong audience

# From a child to its root and back.
owner = store.get_session_by_child(shop.child.child_session_id)
print(owner == store.get_session(root.session_id))  # True
page = store.get_child_sessions(root, limit=10)  # oldest first; page.cursor goes on
print([child.audience for child in page.children] if page else None)  # ['shop', 'mail']

# One application signs out. Ending the root signs out of all of them at once.
store.end_child_session(root.session_id, mail.child.child_session_id)
store.end_session(root)
try:
    store.validate(shop.token, child=True, audience="shop")
except InvalidTokenError as error:
    print(error.refusal)  # ended
