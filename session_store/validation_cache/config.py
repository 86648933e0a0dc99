"""The cache of validations of a store: where it is, and how to sign in to it."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from session_store import checks
from session_store.operations.context import Context
from session_store.validation_cache.cache import Cache
from session_store.validation_cache.rows import CachedRows
from session_store.validation_cache.server import ValkeyServer
from session_store.validation_cache.settings import DEFAULT_PORT, ValidationCacheSettings
from session_store.validation_cache.validating import validated
from session_store.validation_cache.waiting import guard

if TYPE_CHECKING:
    from collections.abc import Mapping

    from session_store.clock import Clock
    from session_store.settings import SessionSettings
    from session_store.storage.dynamodb import DynamoDBStorage
    from session_store.validation_cache.server import Server


class ValidationCache:
    """A cache of validations, for `SessionStore(validation_cache=)`. All that ends or changes sessions needs the same.

    `strict=True`, `max_auth_age`, `required_acr` and `activity="read_only"` never use it. While the server cannot be
    reached, validations ask the table, and ends wait for 5 seconds before they answer, within a deadline of 8.

    Args:
        host: name or address of a Valkey or Redis server from 7.0 on.
        port: of the server.
        tls: whether connections are encrypted.
        credentials: has a method `get_credentials` that returns user and password, and is called for each connection:
            `ElastiCacheIam`, or a credential provider of `valkey`. None for no sign-in.

    Raises:
        InvalidInputError: an argument is malformed.
        StoreConfigurationError: `valkey` is not installed.
    """

    def __init__(
        self,
        host: str,
        *,
        port: int = DEFAULT_PORT,
        tls: bool = True,
        credentials: Any = None,  # noqa: ANN401 - the caller's own
    ) -> None:
        given = ValidationCacheSettings(host=host, port=port, tls=tls)
        if credentials is not None:
            checks.check_methods("credentials", credentials, "get_credentials")
        self.server: Server = ValkeyServer(host, given.port, tls=given.tls, credentials=credentials)

    @classmethod
    def on(cls, server: Server) -> ValidationCache:
        """For tests: a cache on a server of another kind."""
        cache = cls.__new__(cls)
        cache.server = server
        return cache

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> ValidationCache:
        """The cache of a deployed function, from the environment variables of `ValidationCacheSettings`.

        Args:
            environment: the variables.

        Raises:
            StoreConfigurationError: a variable is missing or malformed, or `valkey` is not installed.
        """
        given = ValidationCacheSettings.from_environment(environment)
        credentials = None
        if given.name and given.user:
            from session_store.validation_cache.iam import ElastiCacheIam  # noqa: PLC0415 - others do without

            credentials = ElastiCacheIam(given.name, given.user)
        return cls(given.host or "", port=given.port, tls=given.tls, credentials=credentials)

    def context(self, storage: DynamoDBStorage, clock: Clock, settings: SessionSettings) -> Context:
        """For the library: a store's context, whose writes tell the cache, and whose validations ask it."""
        cache = Cache(self.server, storage.table_name, clock)
        storage.make_rows = partial(CachedRows, cache, clock)
        return Context(storage=storage, clock=clock, settings=settings, cached=validated)

    def guard(self, store: Any) -> None:  # noqa: ANN401 - a SessionStore, which is above this room
        """For the library: let a store's methods answer only when their ends hold."""
        guard(store, store.clock)
