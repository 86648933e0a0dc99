source .local/env
signed_curl $API/customers/ABC/sessions
signed_curl $API/sessions -d '{"customer_id": "XYZ", "data": {"visits": 1}}'
signed_curl $API/sessions/introspect -d "{\"token\": \"$token\"}"
