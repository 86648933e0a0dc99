"""Imports botocore, makes a client and reads one item. Prints the CPU seconds that took.

Usage: first_get_item.py TABLE KEY
"""

import time

started = time.process_time()

import json  # noqa: E402 - the imports are what is measured
import sys  # noqa: E402
from typing import Any  # noqa: E402

import botocore.session  # noqa: E402

table_name, key = sys.argv[1:]
client: Any = botocore.session.get_session().create_client("dynamodb")
client.get_item(TableName=table_name, Key=json.loads(key), ConsistentRead=True)
print(time.process_time() - started)
