"""Takes secrets out of the SDK's debug log, which quotes requests and replies whole.

That log has the security token of each request, and the keys in the replies of STS, IAM and KMS. It stays complete
otherwise, and no level is changed.
"""

from __future__ import annotations

import logging
import re
from typing import Final

_QUOTING: Final = ("botocore.auth", "botocore.endpoint", "botocore.parsers", "botocore.httpsession")
_SECRETS: Final = (
    "secretaccesskey|sessiontoken|accesstoken|refreshtoken|clientsecret|tokencode|plaintext|x-amz-security-token"
)
# As a header, in JSON or in Python's notation, in the text of a form or of a URL, and as XML.
_NAMED: Final = re.compile(rf"\b({_SECRETS})(\\?[\"']?\s*[:=]\s*(?:b?\\?[\"'])?|>)([^\"'\\<>&,\s]+)", re.IGNORECASE)


def conceal(text: str) -> str:
    """The text with `...` in place of each secret that it names."""
    return _NAMED.sub(r"\1\2...", text)


def _conceal_record(record: logging.LogRecord) -> bool:
    record.msg, record.args = conceal(record.getMessage()), ()
    return True


def conceal_secrets() -> None:
    """Let the SDK's loggers show none, from here on. Doing it twice does no harm."""
    for name in _QUOTING:
        logging.getLogger(name).addFilter(_conceal_record)
