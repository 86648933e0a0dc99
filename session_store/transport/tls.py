"""The settings of TLS: the system's authorities, the server's name checked, TLS 1.2 or later."""

from __future__ import annotations

import os
import ssl
from functools import cache


def has_authorities() -> bool:
    """Whether the system says where its authorities are, and has some. The SDK brings a list of its own."""
    paths = ssl.get_default_verify_paths()
    return bool(paths.cafile or (paths.capath and os.listdir(paths.capath)))  # noqa: PTH208 - pathlib takes longer


@cache
def system_context() -> ssl.SSLContext:
    """The context of all connections of this process. To read 128 authorities takes 26 ms: not in the first request.

    The list is the system's: one of our own would have to be kept up to date. RFC 5280 is read as loosely as the SDK
    does, because Python 3.13 refuses private authorities that older versions accept.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.verify_flags &= ~ssl.VerifyFlags.VERIFY_X509_STRICT
    context.set_alpn_protocols(["http/1.1"])
    return context
