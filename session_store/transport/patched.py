"""Whether other code of this process follows or replaces the SDK's calls. It would not see ours."""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Final

# Recorders, tracers and test doubles put their own in the place of these (OpenTelemetry, X-Ray, Datadog, vcrpy).
_FOLLOWED: Final = (
    ("botocore.client", "BaseClient", "_make_api_call"),
    ("botocore.endpoint", "Endpoint", "make_request"),
    ("botocore.httpsession", "URLLib3Session", "send"),
)
_REPLACES_CALLS: Final = "moto.core.botocore_stubber"  # by an event, which leaves no trace in a class


def is_sdk_followed() -> bool:
    """Whether it is so now. A module that is not loaded is not followed."""
    return _REPLACES_CALLS in sys.modules or not all(map(_is_original, *zip(*_FOLLOWED, strict=True)))


def _is_original(module: str, name: str, method: str) -> bool:
    loaded = sys.modules.get(module)
    if loaded is None:
        return True
    found = vars(getattr(loaded, name)).get(method)
    # The SDK's own decorators are in another module of it.
    return type(found) is FunctionType and str(found.__globals__.get("__name__")).startswith("botocore.")
