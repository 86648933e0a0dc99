"""The deletion of large data: which changes of the table leave an object behind, and what the function on them may do.

All other changes wake no function, and cost nothing. A change that keeps the object, for instance an extension, wakes
it, too: a filter cannot compare the two images of a row.
"""

from __future__ import annotations

from typing import Final

from session_store.catalog.large_data import OBJECTS
from session_store.catalog.lifecycle import BY_LAMBDA, PARKING_QUEUE, WITHOUT_IMAGES, EventFilter
from session_store.catalog.pattern import ANY_SESSION_ID
from session_store.model import MAX_ABSOLUTE_TIMEOUT
from session_store.storage.document import IN_S3

OBJECT_DAYS: Final = MAX_ABSOLUTE_TIMEOUT.days + 30
"""The age at which the bucket itself deletes an object. No session lives that long."""
ANY_PREFIX: Final = f"{ANY_SESSION_ID}/"
"""The beginning of the keys of any one session's objects, as a policy has it."""
BY_DELETER: Final = frozenset({("s3:DeleteObject", OBJECTS)})
"""What the function's code does."""
BY_LAMBDA_FOR_DELETER: Final = BY_LAMBDA | {("sqs:SendMessage", PARKING_QUEUE)}
"""What Lambda does under the function's role. It parks the place of a batch on which the function failed."""
OBJECT_FILTERS: Final = (
    EventFilter(
        "a row whose data is an object is changed, or removed",
        {"eventName": ["MODIFY", "REMOVE"], "dynamodb": {"OldImage": {"data_codec": {"S": [{"prefix": IN_S3}]}}}},
    ),
    WITHOUT_IMAGES,
)
