"""Signs the requests of a client that uses urllib3, as OpenAPI Generator makes it for Python."""

from typing import Any

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError
from botocore.session import get_session


class SignedPool(urllib3.PoolManager):
    """SigV4 with the keys that boto3 would find. Keys of a role are renewed."""

    def __init__(self, region: str) -> None:
        super().__init__()
        keys = get_session().get_credentials()
        if keys is None:
            raise NoCredentialsError
        self._signer = SigV4Auth(keys, "execute-api", region)

    def urlopen(  # type: ignore[override]  # as urllib3 itself has it
        self, method: str, url: str, redirect: bool = True, **request: Any
    ) -> urllib3.BaseHTTPResponse:
        """Adds the signature's headers, and sends the request."""
        signed = AWSRequest(method, url, data=request.get("body"))
        self._signer.add_auth(signed)
        headers = {**request.pop("headers"), **dict(signed.headers.items())}
        return super().urlopen(method, url, redirect, headers=headers, **request)
