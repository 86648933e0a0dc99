"""`SessionStore`: the access patterns as methods."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from session_store import checks, operations
from session_store.catalog.declared import naming_variables
from session_store.clock import SystemClock
from session_store.errors import InvalidInputError
from session_store.incidents import guarded, log_incident
from session_store.model import EndReason
from session_store.operations.context import Context
from session_store.operations.validate import Requirements, validate, validate_and_rotate
from session_store.settings import (
    DEFAULT_SETTINGS,
    ENCRYPTION_KEYS,
    LARGE_DATA_BUCKET,
    TABLE_NAME,
    TRANSPORT,
    VALIDATION_CACHE_HOST,
    SessionSettings,
    check_settings,
    read_table_name,
    writes_request_lines,
)
from session_store.storage.document import Codecs
from session_store.storage.dynamodb import DynamoDBStorage

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime, timedelta

    from session_store.clock import Clock
    from session_store.data.types import JSONObject
    from session_store.encryption.config import Encryption
    from session_store.incidents import Incident
    from session_store.large_data.config import LargeData
    from session_store.model import (
        Activity,
        ChildSession,
        ChildSessionPage,
        CreatedChildSession,
        CreatedSession,
        Progress,
        Rotation,
        Session,
        SessionPage,
        Timeouts,
        ValidatedSession,
        WebActivity,
    )
    from session_store.observing import Observation
    from session_store.operations.provider_sessions import ProviderSession
    from session_store.settings import Transport
    from session_store.storage.requests import DynamoDBClient
    from session_store.validation_cache.config import ValidationCache


class SessionStore:
    """Sessions in one DynamoDB table. Safe to share between threads. Make one per process.

    Each method's docstring lists its DynamoDB operations, their cost for items of at most 1 KB, the number of
    sequential round trips (trips) and its exceptions. RRU and WRU are request units to read and to write. Every method
    can also raise

    - `InvalidInputError` for a bad argument. Nothing was written. Only `increment` and `update_data` may have read the
      session before.
    - `StoreUnavailableError` (or its subclass `ThrottledError`) for a fault that outlasts the deadline of 4 seconds, or
      when the Lambda call has too little time left to begin.
    - `StoreConfigurationError` when the table, a permission, the credentials or the region are not right.

    None of them ever means "valid".

    Args:
        table_name: name or ARN of the table.
        settings: the rules of the table's sessions, the same for everything that uses the table.
        region_name: AWS region. When it is not given, that of the table's ARN, else the usual environment and profile
            decide.
        endpoint_url: for an emulator. The usual environment decides when it is not given.
        transport: sends the requests: botocore, or a transport of the library's own, at a third of the CPU time. The
            environment variable `SESSION_TRANSPORT` decides when it is not given, else `Transport.AUTO`.
        dynamodb_client: a ready botocore or boto3 client, used as it is. Give it short timeouts and one attempt
            (`session_store.aws.CLIENT_CONFIG`), because the store does the retrying.
        clock: for tests.
        on_incident: called with security events and counted faults. Logs a warning by default. An error of it is
            logged.
        encryption: encrypts the sessions' data before it gets to the table, with the extra `encryption`. All users of a
            table need the same one.
        large_data: keeps data in S3 that is too large for a row, up to 16 MB. All users of a table need the same one.
        validation_cache: answers validations from a Valkey or Redis server, with the extra `cache`. All that ends or
            changes sessions of the table needs the same one.
        observer: called after each call of a method with one `Observation`: outcome, time, request units, counts. The
            caller waits for it. An error of it is logged.

    Raises:
        InvalidInputError: an argument is of the wrong type or malformed.
        StoreConfigurationError: no region, an endpoint that is no URL, or a profile or credentials that cannot be read.
    """

    def __init__(
        self,
        table_name: str,
        *,
        settings: SessionSettings = DEFAULT_SETTINGS,
        region_name: str | None = None,
        endpoint_url: str | None = None,
        transport: Transport | None = None,
        dynamodb_client: DynamoDBClient | None = None,
        clock: Clock | None = None,
        on_incident: Callable[[Incident], None] = log_incident,
        encryption: Encryption | None = None,
        large_data: LargeData | None = None,
        validation_cache: ValidationCache | None = None,
        observer: Callable[[Observation], object] | None = None,
    ) -> None:
        checks.check_table_name(table_name)
        check_settings(settings)
        clock = checks.check_methods("clock", SystemClock() if clock is None else clock, "now", "monotonic", "sleep")
        report = guarded(checks.check_function("on_incident", on_incident))
        if encryption is None:
            codecs: Codecs = Codecs(compresses=settings.compression)
        else:
            checks.check_methods("encryption", encryption, "codecs")
            codecs = encryption.codecs(clock, compresses=settings.compression)
        if large_data is not None:
            checks.check_methods("large_data", large_data, "codecs")
            codecs = large_data.codecs(codecs)
        storage = DynamoDBStorage.connect(
            table_name,
            region_name=checks.check_optional_text("region_name", region_name),
            endpoint_url=checks.check_optional_text("endpoint_url", endpoint_url),
            transport=transport,
            client=dynamodb_client,
            clock=clock,
            codecs=codecs,
            on_incident=report,
            observed=observer is not None,
        )
        if validation_cache is None:
            self._context = Context(storage=storage, clock=clock, settings=settings)
        else:
            checks.check_methods("validation_cache", validation_cache, "context", "guard")
            self._context = validation_cache.context(storage, clock, settings)
            validation_cache.guard(self)
        if observer is not None:
            from session_store.observing import observe  # noqa: PLC0415 - costs nothing where it is not used

            observe(self, observer)

    @classmethod
    def from_environment(
        cls,
        environment: Mapping[str, str] = os.environ,
        *,
        on_incident: Callable[[Incident], None] = log_incident,
        observer: Callable[[Observation], object] | None = None,
    ) -> SessionStore:
        """The store of a deployed function, from the environment variables that the constructs set.

        Args:
            environment: the variables.
            on_incident: see the class.
            observer: likewise.

        Raises:
            StoreConfigurationError: a variable, which the message names, is missing, malformed or out of range (see
                `session_store.settings`).
        """
        with naming_variables({"table_name": TABLE_NAME, "transport": TRANSPORT}):
            settings = SessionSettings.from_environment(environment)
            name, encryption, large_data, validation_cache = read_table_name(environment), None, None, None
            if environment.get(ENCRYPTION_KEYS):
                from session_store.encryption.config import Encryption  # noqa: PLC0415 - as in the constructor

                encryption = Encryption.from_environment(environment)
            if environment.get(LARGE_DATA_BUCKET):
                from session_store.large_data.config import LargeData  # noqa: PLC0415 - as in the constructor

                large_data = LargeData.from_environment(environment)
            if environment.get(VALIDATION_CACHE_HOST):
                from session_store.validation_cache.config import ValidationCache  # noqa: PLC0415 - likewise

                validation_cache = ValidationCache.from_environment(environment)
            if writes_request_lines(environment):
                from session_store.observing import also_to_request  # noqa: PLC0415 - as in the constructor

                observer = also_to_request(observer)
            return cls(
                name,
                settings=settings,
                encryption=encryption,
                large_data=large_data,
                validation_cache=validation_cache,
                transport=cast("Transport | None", environment.get(TRANSPORT) or None),
                on_incident=on_incident,
                observer=observer,
            )

    @property
    def settings(self) -> SessionSettings:
        """The rules of its table's sessions."""
        return self._context.settings

    @property
    def timeouts(self) -> Timeouts:
        """Idle and absolute timeout of new sessions, unless `create_session` is told otherwise."""
        return self._context.settings.timeouts

    @property
    def table_name(self) -> str:
        """Name or ARN of its table."""
        return self._context.storage.table_name

    @property
    def max_data_bytes(self) -> int:
        """Bytes that a session's data can have: 399 KB with all of its row, with large data 16 MB."""
        return self._context.storage.max_data_bytes

    @property
    def clock(self) -> Clock:
        """The store's source of time, for code that computes with the same one."""
        return self._context.clock

    # Starting

    def create_session(
        self,
        customer_id: str | None = None,
        *,
        data: Mapping[str, object] | None = None,
        client: str | None = None,
        timeouts: Timeouts | None = None,
        replaces: Session | str | None = None,
        carry_data: bool = False,
        idempotency_key: str | None = None,
        ends_with_browser: bool = False,
        provider_session: ProviderSession | None = None,
    ) -> CreatedSession:
        """Start a session, as at a sign-in. It always has a new id, also if the client presents one.

        GetItem customer, PutItem on condition of no such key. The customer's first sign-in makes their item by an
        update. A later one moves its TTL when the session would outlive it. With `replaces` or an idempotency key, one
        transaction in place of the PutItem. With a key that was used, GetItem of the session that it has made, and the
        transaction again. With a provider's session, its entry and a check of its end are parts of that transaction.
        With a limit on the customer's sessions, besides: Query on the index, and once there are more sessions than that
        before their absolute end, BatchGetItem and an update of each session beyond it.

        Cost: 1 RRU + 2 WRU, 2 trips; the customer's first: 1 RRU + 4 WRU, 3 trips; the customer's item would run out
        before the session: 1 RRU + 3 WRU, 3 trips; anonymous: 2 WRU, 1 trip; with `idempotency_key`: 1 RRU + 6 WRU, 2
        trips; again with that key: 2 RRU + 7 WRU, 4 trips; of encrypted data, whose key is new to the process: 2 RRU +
        2 WRU, 3 trips; of large data in S3: 1 RRU + 2 WRU, 3 trips; of encrypted data, the first of the week: 2 RRU + 4
        WRU, 4 trips; with `replaces`: 2 RRU + 5 WRU, 3 trips; from a session already read: 1 RRU + 5 WRU, 2 trips; the
        customer's first: 2 RRU + 7 WRU, 4 trips; with `max_sessions_per_customer`: 0.5 RRU per 4 KB of the index, 1
        trip; with more sessions than the limit: 0.5 RRU per 4 KB of the index + 1 RRU per session + 1 WRU per session
        ended, 2 trips + 1 per session ended; with `provider_session`: 1 RRU + 8 WRU, 2 trips; in a provider's session
        that is known: 1 RRU + 7 WRU, 2 trips; the customer's first: 1 RRU + 10 WRU, 3 trips; with `replaces`: 2 RRU +
        10 WRU, 3 trips.

        Args:
            customer_id: who signed in, 1 to 512 characters and at most 1,000 bytes of UTF-8, none of them control
                characters, line separators or marks of text direction, None for an anonymous session.
            data: first content.
            client: description of the device or browser, at most 512 characters.
            timeouts: this session's own, in place of the store's.
            replaces: the session that this one replaces, as `validate` returned it, or its token. It ends in the same
                transaction. One that is over is ignored. A `Session` saves a read.
            carry_data: start from the replaced session's data, `data` merged over it. Only an anonymous session's data
                or the same customer's is carried over, and never that of a session that is closing. Without `replaces`
                it has no effect.
            idempotency_key: a key of your own for this sign-in, 1 to 255 printable characters of ASCII. Use it again
                when you try again. A call within 24 hours with the same key and customer ends the session that the call
                before made, in place of `replaces`, so that a lost response leaves no second session. Only its hash is
                stored. Erasing the customer deletes it.
            ends_with_browser: whether the browser deletes the cookie when it is closed, now and after each rotation.
                Otherwise the browser keeps it until the absolute end. The session itself ends by its timeouts.
            provider_session: the session of an identity provider in which the customer signs in, as the ID token says:
                `end_by_provider_logout` then finds the new session.

        Raises:
            DataTooLargeError: the item would pass 399 KB.
            ConflictError: the replaced session, the customer's item or that of the provider's session kept changing.
            ProviderSessionEndedError: the provider has ended its session meanwhile. Nothing was written.
            IdempotencyKeyReusedError: a call with this key asked for something else.
        """
        new = operations.create.NewSession(
            customer_id=checks.check_optional_customer_id(customer_id),
            data=self._checked({} if data is None else data),
            client=checks.check_client(client),
            timeouts=self._context.settings.timeouts if timeouts is None else checks.check_timeouts(timeouts),
            replaces=checks.check_replaced(replaces),
            carry_data=checks.check_flag("carry_data", carry_data),
            idempotency_key=checks.check_idempotency_key(idempotency_key),
            ends_with_browser=checks.check_flag("ends_with_browser", ends_with_browser),
            provider_session=checks.check_provider_session(provider_session, customer_id),
        )
        return operations.create.create_session(self._context, new)

    def create_child_session(
        self,
        session: Session | str,
        *,
        customer_id: str | None = None,
        audience: str | None = None,
        data: Mapping[str, object] | None = None,
    ) -> CreatedChildSession:
        """Start a session of one application under a live session (single sign-on).

        GetItem or Query of the root, transaction of an update of it, which keeps its row as long as the child's, and
        the child's put.

        Cost: 1 RRU + 5 WRU, 2 trips; from a session already read: 5 WRU, 1 trip.

        Args:
            session: the root session, or its id.
            customer_id: the root's customer, when known: must be the right one.
            audience: the application that the child's token is for, 1 to 128 characters: no other one's
                `validate(child=True, audience=)` accepts it.
            data: the child's content. It is not the root's.

        Raises:
            SessionNotFoundError: the root is not live.
            ConflictError: its children kept being ended by others.
            DataTooLargeError: the item would pass 399 KB.
        """
        return operations.create.create_child_session(
            self._context,
            checks.check_reference(session, customer_id),
            audience=checks.check_audience(audience, child=True),
            data=self._checked({} if data is None else data),
        )

    # Reading

    def get_session(self, session_id: str, *, customer_id: str | None = None, strict: bool = False) -> Session | None:
        """A session that is active or closing and has not expired, or None. Strongly consistent.

        Query on the partition, GetItem when the customer is given. Strictly, GetItem of the customer's row besides.

        Cost: 1 RRU, 1 trip; of encrypted data, whose key is new to the process: 2 RRU, 2 trips; of large data in S3: 1
        RRU, 2 trips; with `strict=True`: 2 RRU, 2 trips; with `customer_id`: 1 RRU, 1 trip.

        Args:
            session_id: which session.
            customer_id: whose it must be.
            strict: check that the customer's sessions have not all been ended, see `validate`.
        """
        checks.check_flag("strict", strict)
        reference = checks.check_reference(session_id, customer_id)
        return operations.read.get_session(self._context, reference, strict=strict)

    def get_child_sessions(
        self, session: Session | str, *, limit: int = 25, cursor: str | None = None
    ) -> ChildSessionPage | None:
        """One page of a live session's live children, oldest first, None when the session itself is not live.

        Query of session and children together, strongly consistent. For a later page a Query of each.

        Cost: 1 RRU per 4 KB of the session and the children on the page, 1 trip; going on with a cursor: 1 RRU, 1 trip
        more.

        Args:
            session: the session, or its id.
            limit: children to look at, ended ones included, 1 to 100.
            cursor: from the page before.
        """
        return operations.children.get_child_sessions(
            self._context,
            checks.check_reference(session).session_id,
            limit=checks.check_limit(limit),
            cursor=checks.check_cursor(cursor),
        )

    def get_session_by_child(self, child_session_id: str) -> Session | None:
        """The session that owns a child session, or None unless both are live.

        Query on the index, then BatchGetItem of child and root, strongly consistent. A child created less than about a
        second ago may not be found yet.

        Cost: 2.5 RRU, 2 trips.
        """
        return operations.read.get_session_by_child(
            self._context, checks.check_id("child_session_id", child_session_id)
        )

    def get_customer_sessions(self, customer_id: str, *, limit: int = 25, cursor: str | None = None) -> SessionPage:
        """One page of a customer's live sessions, newest first.

        Query on the index, then BatchGetItem, strongly consistent. A session created less than about a second ago may
        be missing.

        Cost: 0.5 RRU per 4 KB of the index + 1 RRU per session, 2 trips.

        Args:
            customer_id: whose sessions.
            limit: index entries to look at, 1 to 100.
            cursor: from the page before.
        """
        return operations.customer.get_sessions(
            self._context,
            checks.check_customer_id(customer_id),
            limit=checks.check_limit(limit),
            cursor=checks.check_cursor(cursor),
        )

    def get_last_login_time(self, customer_id: str) -> datetime | None:
        """When the customer last signed in, or None when that is not known (any more).

        Query on the index, newest first, Limit 1, eventually consistent. The sign-in may belong to a session that has
        ended since.

        Cost: 0.5 RRU, 1 trip.
        """
        return operations.customer.get_last_login_time(self._context, checks.check_customer_id(customer_id))

    # Validating

    @overload
    def validate(
        self,
        token: str,
        *,
        child: Literal[False] = False,
        strict: bool = False,
        max_auth_age: timedelta | None = None,
        required_acr: str | Collection[str] | None = None,
        activity: Activity = "recorded",
    ) -> Session: ...

    @overload
    def validate(
        self,
        token: str,
        *,
        child: Literal[True],
        audience: str | None = None,
        strict: bool = False,
        max_auth_age: timedelta | None = None,
        required_acr: str | Collection[str] | None = None,
        activity: Activity = "recorded",
    ) -> ChildSession: ...

    @overload
    def validate(
        self,
        token: str,
        *,
        child: bool,
        audience: str | None = None,
        strict: bool = False,
        max_auth_age: timedelta | None = None,
        required_acr: str | Collection[str] | None = None,
        activity: Activity = "recorded",
    ) -> Session | ChildSession: ...

    def validate(
        self,
        token: str,
        *,
        child: bool = False,
        audience: str | None = None,
        strict: bool = False,
        max_auth_age: timedelta | None = None,
        required_acr: str | Collection[str] | None = None,
        activity: Activity = "recorded",
    ) -> Session | ChildSession:
        """The live session that a token stands for. Counts as activity, unless `activity` says otherwise.

        Query, strongly consistent. A child's token: GetItem child and Query root side by side. When an extension is due
        (a tenth of the idle timeout after the last, 5 minutes at most): the customer's generation is checked and the
        session extended. The first use of a new token and, after twice the grace, its taking over are recorded, too.

        Cost: 1 RRU, 1 trip; strict: 2 RRU, 2 trips; at an extension: 2 RRU + 1 WRU, 3 trips; with `activity="none"`
        where an extension is due: 2 RRU, 2 trips; first use of a new token: 1 RRU + 1 WRU, 2 trips; a new token takes
        over: 1 RRU + 1 WRU, 2 trips; child's token: 2 RRU, 1 trip; child's token, at an extension: 3 RRU + 1 WRU, 3
        trips; of encrypted data, whose key is new to the process: 2 RRU, 2 trips; of large data in S3: 1 RRU, 2 trips;
        from the cache of validations: 0 RRU, 1 to the cache; with a cache that lacks it: 2 RRU, 2 trips, 4 to the
        cache; with `activity="read_only"`: 2 RRU, 2 trips; child's token: 3 RRU, 2 trips.

        Args:
            token: as the client presented it.
            child: whether a child's token is expected. The other kind is refused.
            audience: the application that asks. A child's token that was made for another one, or for none, is
                refused, and without it one that was made for any.
            strict: check on this call that the customer's sessions have not all been ended, instead of relying on the
                index and the next extension, which comes within 5 minutes of use.
            max_auth_age: refuse when the sign-in is older (step-up authentication). If a provider signed the user in,
                the earlier of the sign-in and its `auth_time` counts. Without `auth_time` the age is unknown, and
                refused.
            required_acr: refuse unless the provider named this authentication context (`acr`), or one of these.
            activity: `recorded`, `none` or `read_only`. With `none` the call is no activity, for instance of a page
                that polls, and does not extend the session. A new token's use is recorded, a stolen token ends the
                session, and once an extension would be due the customer's generation is read each time. With
                `read_only` nothing is written. A new token counts as unused, and the generation is read each time, as
                with `strict`. A replaced secret is refused and reported, and ends nothing. The access pattern
                `validateReadOnly` grants exactly this.

        Raises:
            InvalidTokenError: not a live session's token. `refusal` says why, the client need not know.
            TokenReuseError: a secret that had been replaced. The session was ended.
            ReauthenticationRequiredError: the sign-in is older than `max_auth_age`, or has no acr of `required_acr`.
        """
        required = _requirements(
            child=child, audience=audience, strict=strict, max_auth_age=max_auth_age, required_acr=required_acr
        )
        if activity != "recorded":
            required = _without_activity(required, checks.check_activity(activity, "read_only"))
        return validate(self._context, token, required)

    def validate_and_rotate(
        self,
        token: str,
        *,
        strict: bool = False,
        max_auth_age: timedelta | None = None,
        required_acr: str | Collection[str] | None = None,
        activity: WebActivity = "recorded",
        with_data: bool = True,
    ) -> ValidatedSession:
        """As `validate`, for code that answers the holder of the token: with a new token where one is due.

        It is due once it has been in use for the `rotation_interval` of the store's settings. A visitor's never is:
        signing in ends that session, and all that its token was good for. The new token is made without a write. Each
        call gets one of its own, as long as none has been used. The presented one stays good until then, and for the
        grace after it.

        Cost: 1 RRU, 1 trip; strict: 2 RRU, 2 trips; at an extension: 2 RRU + 1 WRU, 3 trips; with `activity="none"`
        where an extension is due: 2 RRU, 2 trips; first use of a new token: 1 RRU + 1 WRU, 2 trips; a new token takes
        over: 1 RRU + 1 WRU, 2 trips; child's token: 2 RRU, 1 trip; child's token, at an extension: 3 RRU + 1 WRU, 3
        trips; of encrypted data, whose key is new to the process: 2 RRU, 2 trips; of large data in S3: 1 RRU, 2 trips;
        from the cache of validations: 0 RRU, 1 to the cache; with a cache that lacks it: 2 RRU, 2 trips, 4 to the
        cache; with `with_data=False`: 1 RRU, 1 trip; at an extension: 2 RRU + 1 WRU, 3 trips.

        Args:
            token: as the client presented it.
            strict: see `validate`.
            max_auth_age: see `validate`.
            required_acr: see `validate`.
            activity: `recorded` or `none`, see `validate`. A new token is due all the same.
            with_data: whether the session's `data` and `client` are read. False is for code that looks at neither, and
                saves what reading them costs where they are encrypted, compressed or in S3. It then also gets sessions
                whose data cannot be read. To look at either of the two raises AttributeError. `max_auth_age` and
                `required_acr` read the data all the same.

        Raises:
            InvalidTokenError: see `validate`.
            TokenReuseError: see `validate`.
            ReauthenticationRequiredError: see `validate`.
        """
        required = _requirements(strict=strict, max_auth_age=max_auth_age, required_acr=required_acr)
        if activity != "recorded":
            required = _without_activity(required, checks.check_activity(activity))
        if not checks.check_flag("with_data", with_data):
            required = required._replace(with_data=False)
        return validate_and_rotate(self._context, token, required)

    def rotate(
        self, token: str, *, child: bool = False, audience: str | None = None, end_children: bool = False
    ) -> Rotation:
        """A new token with another secret, to be handed to the client, whether or not it is due.

        Query (a child's token: GetItem child beside it). Counts as activity: an extension that is due is made, as by
        `validate`. The new token is made without a write. The presented one stays good until a new one has been used,
        and for the grace after it. Parallel calls are safe: each gets one of its own. The successor of another token
        has none until it has been in use for twice the grace. A child's new token is good for the same audience.

        Cost: 1 RRU, 1 trip; at an extension: 2 RRU + 1 WRU, 3 trips; first use of a new token: 1 RRU + 1 WRU, 2 trips;
        with `end_children`: 1 RRU + 1 WRU, 2 trips; child's token: 2 RRU, 1 trip; child's token, at an extension: 3 RRU
        + 1 WRU, 3 trips.

        Args:
            token: as the client presented it.
            child: see `validate`.
            audience: see `validate`.
            end_children: end the session's child sessions, for instance after a password was changed. New ones can
                start. The automatic rotation ends none.

        Raises:
            InvalidTokenError: not a live session's token.
            TokenReuseError: a secret that had been replaced. The session was ended.
        """
        if checks.check_flag("end_children", end_children) and child:
            raise InvalidInputError("end_children", "goes with a session's token, not with a child's", value=True)
        required = _requirements(child=child, audience=audience)
        return operations.rotate.rotate(self._context, token, required, end_children=end_children)

    # Changing

    def update_data(
        self,
        session: Session | str,
        changes: Mapping[str, object],
        *,
        customer_id: str | None = None,
        last_write_wins: bool = False,
        closing: bool = False,
        check: Callable[[JSONObject], int | None] | None = None,
    ) -> Session:
        """Merge changes into a session's data (RFC 7396: null deletes a key) and return the session.

        GetItem or Query, one update of the places that change, on condition that each is as it was read. From a
        `Session` that was read before, the update alone. Then the changes count as made to what that read saw. Saves of
        different places never collide. The returned session has the changes of others, too. More changes than DynamoDB
        takes in one expression (85 keys at the top, fewer inside) are written with all of the data, on condition of the
        version, and applied again until the deadline.

        Cost: 1 RRU + 1 WRU, 2 trips; from a session already read: 1 WRU, 1 trip; of compressed or encrypted data, from
        a session that was saved meanwhile: 2 WRU, 2 trips; of large data in S3: 1 RRU + 1 WRU, 4 trips.

        Args:
            session: a session that was read before, or an id.
            changes: the merge patch.
            customer_id: whose session it is, when known.
            last_write_wins: overwrite what others changed meanwhile instead of raising.
            closing: set the session to `closing` in the same write. No token of it validates any more.
            check: called with the data after the changes, each time they are applied. It must not change the data. If
                it raises, nothing is written and the error reaches the caller. If it returns a number, others may add
                that many bytes of JSON text before this is written. Beyond that the changes are applied and checked
                again.

        Raises:
            SessionNotFoundError: not an active, live session.
            ConflictError: another request changed the same key meanwhile.
            OutcomeUnknownError: the reply was lost, and others have written the same keys since.
            DataTooLargeError: the item, or the changes without what they delete, would pass 399 KB.
        """
        return operations.save.update_data(
            self._context,
            checks.check_reference(session, customer_id),
            self._checked(changes, field="changes", is_patch=True),
            last_write_wins=last_write_wins,
            closing=closing,
            check=check,
        )

    def save_changes(
        self,
        session: Session | str,
        changes: Mapping[str, object],
        *,
        customer_id: str | None = None,
        last_write_wins: bool = False,
    ) -> None:
        """Merge changes into a session's data as `update_data` does, for a caller who needs no session after it.

        The table does not send the session back, which saves CPU time. It is the save at the end of a request.

        Cost: 1 RRU + 1 WRU, 2 trips; from a session already read: 1 WRU, 1 trip; of compressed or encrypted data, from
        a session that was saved meanwhile: 2 WRU, 2 trips; of large data in S3: 1 RRU + 1 WRU, 4 trips.

        Args:
            session: see `update_data`.
            changes: likewise.
            customer_id: likewise.
            last_write_wins: likewise.

        Raises:
            SessionNotFoundError: see `update_data`.
            ConflictError: likewise.
            OutcomeUnknownError: likewise.
            DataTooLargeError: likewise.
        """
        operations.save.save_changes(
            self._context,
            checks.check_reference(session, customer_id),
            self._checked(changes, field="changes", is_patch=True),
            last_write_wins=last_write_wins,
        )

    def replace_data(
        self, session: Session | str, data: Mapping[str, object], *, version: int, customer_id: str | None = None
    ) -> Session:
        """Replace the data if the session is still at the given version, and return the session.

        GetItem or Query, one update on condition of the version. From a `Session` that was read before, the update
        alone.

        Cost: 1 RRU + 1 WRU, 2 trips; from a session already read: 1 WRU, 1 trip; of compressed or encrypted data, from
        a session that was saved meanwhile: 2 WRU, 2 trips; of large data in S3: 1 RRU + 1 WRU, 4 trips.

        Args:
            session: a session that was read before, or an id.
            data: the new data.
            version: the version that it replaces (`Session.version`, If-Match).
            customer_id: whose session it is, when known.

        Raises:
            SessionNotFoundError: not an active, live session.
            PreconditionFailedError: the session is at another version.
            OutcomeUnknownError: the reply was lost and too much has happened since to tell.
            DataTooLargeError: the item would pass 399 KB.
        """
        return operations.save.replace_data(
            self._context,
            checks.check_reference(session, customer_id),
            self._checked(data),
            checks.check_version(version),
        )

    def increment(self, session: Session | str, key: str, by: float = 1, *, customer_id: str | None = None) -> Session:
        """Add to a number in a session's data, atomically, and return the session. A missing key starts at 0.

        GetItem or Query, one update that adds in the table. From a `Session` that was read before, the update alone.
        Parallel increments never collide, and none is lost or counted twice. Numbers of more than 15 digits before the
        point, and those that are written with an exponent, are replaced on condition that they are as they were read.

        Cost: 1 RRU + 1 WRU, 2 trips; from a session already read: 1 WRU, 1 trip; of compressed or encrypted data, from
        a session that was saved meanwhile: 2 WRU, 2 trips.

        Raises:
            SessionNotFoundError: not an active, live session.
            ConflictError: the key does not hold a number.
            OutcomeUnknownError: the reply was lost and eight or more writes have been made since.
        """
        return operations.single_values.increment(
            self._context,
            checks.check_reference(session, customer_id),
            checks.check_data_key(key),
            checks.check_number("by", by),
        )

    def extend_session(self, session: Session | str, *, customer_id: str | None = None) -> Session:
        """Extend a session, as activity does, and return it: for a back end that knows of activity without a token.

        It then ends its idle timeout from now, at its absolute end at the latest. GetItem or Query, GetItem customer,
        one update on condition that the session is live, and not from before all of the customer's were ended.

        Cost: 2 RRU + 1 WRU, 3 trips; anonymous: 1 RRU + 1 WRU, 2 trips.

        Args:
            session: a session that was read before, or an id.
            customer_id: whose session it is, when known.

        Raises:
            SessionNotFoundError: not an active, live session, or one from before all of the customer's were ended.
        """
        return operations.extend.extend_session(self._context, checks.check_reference(session, customer_id))

    def take(self, session: Session | str, key: str, default: object = None, *, customer_id: str | None = None) -> Any:  # noqa: ANN401 - any JSON value; callers know which
        """Remove a value from a session's data and return it. Of parallel calls one gets it.

        GetItem or Query, one update on condition that the key still holds the value. From a `Session` that was read
        before, the update alone, for the value that is in it. For what may be used once: the state of a sign-in, a
        nonce, the token of a form.

        Cost: 1 RRU + 1 WRU, 2 trips; from a session already read: 1 WRU, 1 trip; of compressed or encrypted data, from
        a session that was saved meanwhile: 2 WRU, 2 trips.

        Args:
            session: a session that was read before, or an id.
            key: a top-level key.
            default: comes back where the key is not there, where another call has taken or changed it since it was
                read, and where a reply was lost and it cannot be told: what is not known to be taken is not.
            customer_id: whose session it is, when known.

        Raises:
            SessionNotFoundError: not an active, live session.
        """
        return operations.single_values.take(
            self._context,
            checks.check_reference(session, customer_id),
            checks.check_data_key(key),
            default,
        )

    # Ending

    def end_session(
        self,
        session: Session | str,
        *,
        customer_id: str | None = None,
        reason: EndReason | str = EndReason.SIGNED_OUT,
    ) -> bool:
        """End a session and with it all its children, for good. True when this call ended it.

        One update, by id alone a Query first. Ending a session that has ended or never existed changes nothing and
        returns False. A session that has only expired is ended as well, because another machine's clock may be behind.

        Cost: 1 WRU, 1 trip; by id alone: 1 RRU + 1 WRU, 2 trips; with a cache of validations: 1 WRU, 1 trip, 1 to the
        cache.

        Args:
            session: a session that was read before, or an id.
            customer_id: whose session it is, when known.
            reason: why, for the row and for the event `session.ended`.
        """
        return operations.end.end_session(
            self._context, checks.check_reference(session, customer_id), checks.check_reason(reason)
        )

    def end_child_session(
        self, session_id: str, child_session_id: str, *, reason: EndReason | str = EndReason.SIGNED_OUT
    ) -> bool:
        """End one child session, for good, by one update. True when this call ended it.

        Cost: 1 WRU, 1 trip.

        Args:
            session_id: of its root.
            child_session_id: which one.
            reason: why, for the row and for the event `child_session.ended`.
        """
        return operations.end.end_child_session(
            self._context,
            checks.check_id("session_id", session_id),
            checks.check_id("child_session_id", child_session_id),
            checks.check_reason(reason),
        )

    def end_customer_sessions(
        self,
        customer_id: str,
        *,
        except_session_id: str | None = None,
        first_session_id: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        reason: EndReason | str = EndReason.ALL_ENDED,
    ) -> Progress:
        """End all sessions of a customer, also those that the index does not show yet.

        Raises the customer's generation (with a session to keep, by a transaction), then ends what the index shows, ten
        at a time, until all are done or the time is over. From the moment the first call returns, a session that was
        not reached is refused within 5 minutes of use, at its next extension, and at once with `strict=True`. Sessions
        that an earlier call ended are not written again.

        Cost: 1 RRU + 2 WRU + 0.5 RRU per 4 KB of the index + 1 WRU per session ended, 5 trips; all but one: 3 WRU more;
        again, within an hour: 1 RRU + 2 WRU + 0.5 RRU per 4 KB of the index + 1 RRU per session, 5 trips.

        Args:
            customer_id: whose sessions.
            except_session_id: one session of this customer to keep. Its children end. Say it again when going on with a
                cursor.
            first_session_id: one to end before the others: the caller's own, which the index may not show yet.
            limit: index entries to look at, 1 to 1,000, None for as many as there is time for.
            cursor: from the call before. Going on does not raise the generation again.
            reason: why, for the rows and for the events `session.ended`. A session that was not reached ends as
                `all_ended`.

        Raises:
            SessionNotFoundError: the session to keep is not a live session of the customer. Nothing was ended.
            InvalidInputError: besides, the cursor is of another call than the last that ended all sessions of the
                customer. Nothing was ended.
            ConflictError: others kept ending them.
        """
        return operations.end_all.end_sessions(
            self._context,
            self._context.storage.rows(),
            checks.check_customer_id(customer_id),
            operations.end_all.EndAll(
                except_session_id=checks.check_optional_id("except_session_id", except_session_id),
                first_session_id=checks.check_optional_id("first_session_id", first_session_id),
                limit=None if limit is None else checks.check_limit(limit, maximum=checks.MAX_ENDED),
                cursor=checks.check_ending_cursor(cursor),
                reason=checks.check_reason(reason),
            ),
        )

    def end_by_provider_logout(
        self,
        issuer: str,
        *,
        jti: str,
        issued_at: datetime,
        expires_at: datetime,
        sid: str | None = None,
        customer_id: str | None = None,
    ) -> int:
        """End the sessions that a logout of an identity provider is about, and refuse sign-ins that it overtakes.

        Verify the logout token before, as `OidcSignIn.verify_logout` does. With `sid` all sessions end that were made
        in this session of the provider, and for a day no sign-in with it succeeds. With `customer_id` besides, none of
        other customers. With `customer_id` alone all of the customer's end, and a sign-in is refused whose ID token was
        not issued later. After 16 sign-ins with one `sid` its logout ends all of the customer's, too.

        Query of the token's id, then an update that notes the logout. With `sid`, Query of the sessions, and an update
        of each, ten at a time. With `customer_id` alone as `end_customer_sessions`, until all are done. At last an
        update that notes the token's id. The same token again ends nothing. After an error the call can be repeated.

        Cost: 2 RRU + 4 WRU + 1 WRU per session ended, 5 trips; with `customer_id` alone: 2 RRU + 5 WRU + 0.5 RRU per 4
        KB of the index + 1 WRU per session ended, 8 trips; with `customer_id` alone again, within an hour: 2 RRU + 5
        WRU + 0.5 RRU per 4 KB of the index + 1 RRU per session, 8 trips; before its session: 2 RRU + 4 WRU, 4 trips;
        the same token again: 1 RRU, 1 trip.

        Args:
            issuer: the provider, as in `ProviderSession`.
            jti: the id of the logout token.
            issued_at: `iat` of the token, an aware datetime.
            expires_at: when no such token is accepted any more. Its id is known for a day longer.
            sid: the provider's session.
            customer_id: whose sessions.

        Returns:
            How many sessions this call has ended.

        Raises:
            ConflictError: others kept ending the customer's sessions.
        """
        logout = operations.provider_logout.Logout(
            issuer=issuer, jti=jti, issued_at=issued_at, expires_at=expires_at, sid=sid, customer_id=customer_id
        )
        return operations.provider_logout.end_by_logout(self._context, logout)

    def erase_customer(self, customer_id: str, *, limit: int = 25, cursor: str | None = None) -> Progress:
        """Delete every row of a customer, ended sessions and children included: for erasure requests.

        Deletes the customer's own item, without which no session of the customer is valid, then ends and deletes what
        one page of the index shows. A session that was not reached is refused within 5 minutes of use, at its next
        extension, and at once with `strict=True`. Signing in again does not bring it back.

        Cost: 2 WRU + 0.5 RRU per 4 KB of the index + 1 RRU + 1 WRU per session + 2 WRU per row, 2 trips + 3 per
        session; sessions with children: 2 WRU + 0.5 RRU per 4 KB of the index + 1 RRU + 1 WRU per session + 2 WRU per
        row, 2 trips + 4 per session; going on with a cursor: 1 RRU + 0.5 RRU per 4 KB of the index + 1 RRU + 1 WRU per
        session + 2 WRU per row, 2 trips + 3 per session.

        Args:
            customer_id: whose rows.
            limit: sessions to look at, 1 to 100.
            cursor: from the call before.

        Raises:
            InvalidInputError: besides, the cursor is of another call than one that erased this customer.
        """
        return operations.customer.erase(
            self._context,
            checks.check_customer_id(customer_id),
            limit=checks.check_limit(limit),
            cursor=checks.check_ending_cursor(cursor),
        )

    def _checked(self, data: Mapping[str, object], *, field: str = "data", is_patch: bool = False) -> JSONObject:
        return checks.check_data(data, field=field, is_patch=is_patch, limit=self.max_data_bytes)


def _requirements(
    *,
    child: bool = False,
    audience: str | None = None,
    strict: bool = False,
    max_auth_age: timedelta | None = None,
    required_acr: str | Collection[str] | None = None,
) -> Requirements:
    if audience is not None:
        checks.check_audience(audience, child=child)
    if max_auth_age is not None:
        checks.check_max_auth_age(max_auth_age)
    if required_acr is None:
        return Requirements(child, audience, strict, max_auth_age)
    from session_store.operations.authentication import check_required_acr  # noqa: PLC0415 - most do without

    return Requirements(child, audience, strict, max_auth_age, acrs=check_required_acr(required_acr))


def _without_activity(required: Requirements, activity: str) -> Requirements:
    if activity == "none":
        return required._replace(extends=False)
    return required._replace(strict=True, writes=False)
