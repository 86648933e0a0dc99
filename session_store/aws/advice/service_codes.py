"""Error codes in the replies of AWS's services, with advice for each.

Special rows come before general ones: the first that fits counts.
"""

from __future__ import annotations

from typing import Final

from session_store.aws.advice.access_codes import ACCESS_CODES
from session_store.aws.advice.resource_codes import RESOURCE_CODES

SERVICE_CODES: Final = (*ACCESS_CODES, *RESOURCE_CODES)

_BY_STATUS: Final = {
    301: "PermanentRedirect",
    307: "PermanentRedirect",
    400: "InvalidRequest",
    401: "UnrecognizedClientException",
    403: "AccessDenied",
    404: "NotFound",
    408: "RequestTimeout",
    409: "ConflictException",
    413: "EntityTooLarge",
    429: "Throttling",
}
_SERVER_ERROR: Final = 500


def code_like(status: int) -> str:
    """A code whose advice fits replies with this HTTP status and an unknown code. Empty when there is none."""
    return "InternalFailure" if status >= _SERVER_ERROR else _BY_STATUS.get(status, "")
