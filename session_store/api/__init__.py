"""The HTTP API: routes as plain data, request parsing, answers and problem details."""
