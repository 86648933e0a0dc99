# The library against `make run`.

source .local/env

.venv/bin/python << 'END'
from session_store import SessionStore

store = SessionStore.from_environment()
session = store.validate(store.create_session("customer-1", data={"cart": []}).token)
print(session.customer_id, session.data)  # customer-1 {'cart': []}
END
