"""Imports the library, makes a store and validates one token. Prints the CPU seconds that took.

Usage: first_validate.py TABLE TOKEN
"""

import time

started = time.process_time()

import sys  # noqa: E402 - the imports are what is measured

from session_store import SessionStore  # noqa: E402

table_name, token = sys.argv[1:]
SessionStore(table_name).validate(token)
print(time.process_time() - started)
