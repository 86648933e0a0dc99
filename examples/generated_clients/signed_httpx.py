"""Signs the requests of a client that uses httpx, as openapi-python-client makes it."""

from collections.abc import Generator

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import NoCredentialsError
from botocore.session import get_session


class Signed(httpx.Auth):
    """SigV4 with the keys that boto3 would find. Keys of a role are renewed."""

    requires_request_body = True

    def __init__(self, region: str) -> None:
        keys = get_session().get_credentials()
        if keys is None:
            raise NoCredentialsError
        self._signer = SigV4Auth(keys, "execute-api", region)

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Adds the signature's headers."""
        signed = AWSRequest(request.method, str(request.url), data=request.content)
        self._signer.add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        yield request
