"""The permissions on S3 that access patterns need besides, with large data there. Deployments need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from session_store.catalog import access_patterns as patterns
from session_store.catalog.pattern import Operation, Resource

if TYPE_CHECKING:
    from session_store.catalog.pattern import AccessPattern

OBJECTS: Final = Resource("large data")
"""The objects of the bucket."""
BUCKET: Final = Resource("large data bucket")
"""The bucket itself."""

_GET: Final = Operation("s3:GetObject", OBJECTS, purpose="read a session's large data")
_PUT: Final = Operation("s3:PutObject", OBJECTS, purpose="put large data, before its row is written")
_TAKE_BACK: Final = Operation("s3:DeleteObject", OBJECTS, purpose="delete large data whose row was not written")
_READS: Final = (_GET,)
_STARTS: Final = (_PUT, _TAKE_BACK)
_SAVES: Final = (_GET, _PUT, _TAKE_BACK)
_ERASES: Final = (
    Operation("s3:ListBucket", BUCKET, purpose="find the large data of a session"),
    Operation("s3:DeleteObject", OBJECTS, purpose="delete the large data of a session"),
)
# Ends need nothing: the stream function deletes what they leave.
_OPERATIONS: Final = {
    **dict.fromkeys((patterns.CREATE_SESSION.name, patterns.CREATE_CHILD_SESSION.name), _STARTS),
    **dict.fromkeys((patterns.SIGN_IN.name, patterns.PROVIDER_SIGN_IN.name), _SAVES),
    **dict.fromkeys((patterns.UPDATE_DATA.name, patterns.INCREMENT.name, patterns.TAKE.name), _SAVES),
    **dict.fromkeys((patterns.VALIDATE.name, patterns.VALIDATE_READ_ONLY.name, patterns.EXTEND_SESSION.name), _READS),
    **dict.fromkeys((patterns.GET_SESSION.name, patterns.GET_SESSION_STRICTLY.name), _READS),
    **dict.fromkeys((patterns.GET_SESSION_OF_CUSTOMER.name, patterns.GET_CUSTOMER_SESSIONS.name), _READS),
    **dict.fromkeys((patterns.GET_CHILD_SESSIONS.name, patterns.GET_SESSION_BY_CHILD.name), _READS),
    patterns.ERASE_CUSTOMER.name: _ERASES,
}

_READ: Final = ("GetObject",)
_SAVED: Final = ("GetObject", "PutObject")
# Each is a trip more, of a session whose data is in S3. From a session already read there is no GetObject.
_REQUESTS: Final = {
    **dict.fromkeys((patterns.CREATE_SESSION.name, patterns.CREATE_CHILD_SESSION.name), ("PutObject",)),
    **dict.fromkeys((patterns.SIGN_IN.name, patterns.PROVIDER_SIGN_IN.name), ("PutObject",)),
    **dict.fromkeys((patterns.UPDATE_DATA.name, patterns.INCREMENT.name, patterns.TAKE.name), _SAVED),
    **dict.fromkeys((name for name, operations in _OPERATIONS.items() if operations is _READS), _READ),
    patterns.GET_CUSTOMER_SESSIONS.name: (),  # an object is read when its data is looked at
    patterns.ERASE_CUSTOMER.name: ("ListObjectsV2", "DeleteObjects"),
}


def requests_of(pattern: AccessPattern) -> tuple[str, ...]:
    """The requests to S3 that a call makes for each session with large data, if nothing is carried over."""
    return _REQUESTS.get(pattern.name, ())


def operations_of(pattern: AccessPattern) -> tuple[Operation, ...]:
    """The operations on S3 that an access pattern needs besides, none for one that never meets large data."""
    return _OPERATIONS.get(pattern.name, ())
