"""Imports the authorizer's function and lets it decide about one request. Prints the CPU seconds that took.

Usage: first_decision.py TOKEN
"""

import time

started = time.process_time()

import sys  # noqa: E402 - the imports are what is measured

import authorizer  # type: ignore[import-not-found]  # noqa: E402 - the function's entry point

event = {"version": "2.0", "headers": {"authorization": f"Bearer {sys.argv[1]}"}, "cookies": []}
decision = authorizer.handler(event | {"requestContext": {"http": {"method": "GET"}}}, None)
taken = time.process_time() - started
assert decision["isAuthorized"], decision
print(taken)
