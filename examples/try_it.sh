source .local/env

# Where is ABC signed in, and when did ABC last sign in?
signed_curl $API/customers/ABC/sessions
signed_curl $API/customers/ABC/last-login

# XYZ signs in: a session and its token. Is this token good, and whose is it?
created=$(signed_curl $API/sessions -H 'content-type: application/json' -d '{"customer_id": "XYZ", "data": {"visits": 1}}')
token=$(sed 's/.*"token":"\([^"]*\)".*/\1/' <<< "$created")
signed_curl $API/sessions/introspect -H 'content-type: application/json' -d "{\"token\": \"$token\"}"

# Not signed: 403.
curl -i $API/customers/ABC/sessions

# The library, on the same table.
.venv/bin/python -c 'from session_store import SessionStore; print(SessionStore.from_environment().get_last_login_time("ABC"))'
