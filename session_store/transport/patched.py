"""Whether other code of this process follows or replaces the SDK's calls. It would not see ours."""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Final

# Recorders, tracers and test doubles put their own in the place of these (OpenTelemetry, X-Ray, Sentry, vcrpy).
_FOLLOWED: Final = (
    ("botocore.client", "BaseClient", "__init__"),  # where earlier ones of Sentry listen to the client's events
    ("botocore.client", "BaseClient", "_make_api_call"),
    ("botocore.endpoint", "Endpoint", "make_request"),
    ("botocore.httpsession", "URLLib3Session", "send"),
    ("botocore.awsrequest", "AWSHTTPSConnectionPool", "ConnectionCls"),
    ("http.client", "HTTPConnection", "_send_request"),  # of all requests of the process, among them the SDK's
    ("http.client", "HTTPConnection", "send"),
)
# The first replaces calls by an event, which leaves no trace in a class. The others wait for the SDK to be loaded.
_FOLLOWERS: Final = ("moto.core.botocore_stubber", "ddtrace", "newrelic")


def is_sdk_followed() -> bool:
    """Whether it is so now. A module that is not loaded is not followed, except by those that wait for it."""
    return any(name in sys.modules for name in _FOLLOWERS) or not all(map(_is_original, *zip(*_FOLLOWED, strict=True)))


def _is_original(module: str, owner: str, member: str) -> bool:
    holder = getattr(sys.modules.get(module), owner, None)
    if holder is None:  # another thread may be loading the module just now
        return True
    found = vars(holder).get(member)
    # Wrappers take the name, the module and the class of what they wrap, so `isinstance` would believe them. The SDK's
    # own decorators are in another module of it.
    home = found.__globals__["__name__"] if type(found) is FunctionType else getattr(found, "__module__", None)
    return type(found) in {type, FunctionType} and str(home).partition(".")[0] == module.partition(".")[0]
