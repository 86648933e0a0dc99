# The library against `make run`; the table's name is what it prints.

export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local
export TABLE_NAME=PUT-THE-NAME-HERE

.venv/bin/python << 'END'
from session_store import SessionStore

store = SessionStore.from_environment()
session = store.validate(store.create_session("customer-1", data={"cart": []}).token)
print(session.customer_id, session.data)  # customer-1 {'cart': []}
END
