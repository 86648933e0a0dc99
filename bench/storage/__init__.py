"""The forms and places of a session's data, compared: calls, request units, CPU time, latency and dollars."""
