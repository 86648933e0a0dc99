"""A diagnosis of the connection to AWS: credentials, region, way, clock, identity, table, its parts, permissions."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from session_store.aws.diagnosis import bucket as buckets
from session_store.aws.diagnosis import credentials, data_keys, limits, permissions, reach, region
from session_store.aws.diagnosis import table as tables
from session_store.aws.diagnosis.finding import Finding, Severity
from session_store.aws.diagnosis.subject import Subject
from session_store.catalog.access_patterns import ACCESS_PATTERNS
from session_store.catalog.pattern import AccessPattern
from session_store.clock import SystemClock
from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from session_store.aws.sessions import AwsSessions
    from session_store.catalog.pattern import Resource
    from session_store.clock import Clock
    from session_store.validation_cache import ValidationCache

__all__ = ["Finding", "Parts", "Severity", "diagnose"]


class Parts(NamedTuple):
    """The parts of a table's sessions outside of it.

    Attributes:
        bucket: name of the bucket of large data, None for none.
        bucket_owner: the account that it has to belong to, None for the caller's.
        keys: ARNs of the keys of the data, that of new data first.
        cache: of validations, None for none.
    """

    bucket: str | None = None
    bucket_owner: str | None = None
    keys: Sequence[str] = ()
    cache: ValidationCache | None = None


_NO_PARTS = Parts()


def diagnose(
    aws: AwsSessions,
    *,
    table: str | None = None,
    parts: Parts = _NO_PARTS,
    patterns: Sequence[AccessPattern | str] = (),
    arns: Mapping[Resource, str] = MappingProxyType({}),
    clock: Clock | None = None,
) -> Iterator[Finding]:
    """Findings about a session, one after the other as they are made. A check that needs a failed one is left out.

    It reads, and asks STS, IAM, DynamoDB, S3, KMS, Lambda and API Gateway. Where it may not simulate the patterns it
    tries them by calls that change nothing and cost a request unit each. It writes nothing, and no finding holds a
    secret.

    Args:
        aws: the session.
        table: name of a table of this project, to be checked as well.
        parts: to be checked beside the table.
        patterns: access patterns, or their names, that the identity needs on that table.
        arns: of other resources that the patterns need.
        clock: this machine's, for tests.

    Raises:
        InvalidInputError: a pattern is unknown, or there are patterns and no table. Also a ValueError.
    """
    wanted = [_pattern(each) for each in patterns]
    if wanted and table is None:
        raise InvalidInputError("table", "is needed to check access patterns on it", value=table)
    return _findings(Subject(aws, os.environ, clock or SystemClock()), table, parts, wanted, arns)


def _findings(
    subject: Subject,
    table: str | None,
    parts: Parts,
    patterns: Sequence[AccessPattern],
    arns: Mapping[Resource, str],
) -> Iterator[Finding]:
    if not (yield from region.check(subject)):
        return
    if not (yield from credentials.check(subject)) or subject.aws.region is None:
        return
    identity = yield from reach.check(subject)
    if identity is None or table is None:
        return
    described = yield from tables.check(subject, table)
    if described is not None:
        if parts.bucket is not None:
            yield from buckets.check(subject, parts.bucket_owner or identity.account, parts.bucket)
            yield from tables.check_stream_of_objects(described)
        yield from data_keys.check(subject, parts.keys)
        if parts.cache is not None:
            from session_store.aws.diagnosis import cache  # noqa: PLC0415 - few tables have one

            yield from cache.check(parts.cache)
        yield from limits.check(subject, table, described)
        yield from permissions.check(subject, identity, table, patterns, arns)


def _pattern(given: AccessPattern | str) -> AccessPattern:
    if isinstance(given, AccessPattern):
        return given
    for pattern in ACCESS_PATTERNS:
        if pattern.name == given:
            return pattern
    known = ", ".join(pattern.name for pattern in ACCESS_PATTERNS)
    raise InvalidInputError("patterns", f"must be of {known}", value=given)
