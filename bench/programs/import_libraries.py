"""Imports what a sign-in with a provider needs besides the library and the SDK. Prints the CPU seconds that took."""

import time

import botocore.session  # noqa: F401 - every function has it

import session_store  # noqa: F401

started = time.process_time()

import jwt  # noqa: E402
from jwt import algorithms  # noqa: E402 - cryptography, of the primitives that tokens need

assert algorithms.has_crypto, jwt.__file__
print(time.process_time() - started)
