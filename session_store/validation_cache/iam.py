"""Signing in to ElastiCache as a role of IAM."""

from __future__ import annotations

from typing import Final

from session_store.errors import StoreConfigurationError
from session_store.validation_cache.settings import check_name

_SECONDS: Final = 900  # a token's life. A connection's is 12 hours, then the server closes it.
_SCHEME: Final = "https://"


class ElastiCacheIam:
    """Credentials of a cache in ElastiCache: a fresh token, signed as the process's role, for each connection.

    Args:
        cache_name: name of the serverless cache, or id of the replication group.
        user_id: of the user in ElastiCache whose authentication mode is IAM. Its name is the same.
        serverless: whether the cache is a serverless one.

    Raises:
        InvalidInputError: an argument is malformed.
    """

    def __init__(self, cache_name: str, user_id: str, *, serverless: bool = True) -> None:
        self._cache_name = check_name("cache_name", cache_name).lower()
        self._user_id = check_name("user_id", user_id)
        self._serverless = serverless

    def get_credentials(self) -> tuple[str, str]:
        """The user's name, and a token that is good for 15 minutes.

        Raises:
            StoreConfigurationError: there are no credentials of AWS, or no region.
        """
        from botocore.auth import SigV4QueryAuth  # noqa: PLC0415 - few caches need it
        from botocore.awsrequest import AWSRequest  # noqa: PLC0415
        from botocore.session import Session  # noqa: PLC0415

        session = Session()
        credentials, region = session.get_credentials(), session.get_config_variable("region")
        if credentials is None or not region:
            raise StoreConfigurationError("the cache of validations needs AWS credentials and a region to sign in")
        parameters = {"Action": "connect", "User": self._user_id}
        if self._serverless:
            parameters["ResourceType"] = "ServerlessCache"
        request = AWSRequest("GET", f"{_SCHEME}{self._cache_name}/", params=parameters)
        frozen = credentials.get_frozen_credentials()
        SigV4QueryAuth(frozen, "elasticache", region, expires=_SECONDS).add_auth(request)
        return self._user_id, request.prepare().url.removeprefix(_SCHEME)
