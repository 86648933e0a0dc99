"""Latencies that AWS has published for the services that `docs/storage-compared.md` compares."""

from __future__ import annotations

from typing import Final, NamedTuple


class Published(NamedTuple):
    """One sentence about a latency.

    Attributes:
        service: of AWS.
        says: the words of the source.
        source: its title.
        url: its address.
        read: the day that it was read on, ISO 8601. The pages have no date of their own.
    """

    service: str
    says: str
    source: str
    url: str
    read: str


PUBLISHED: Final = (
    Published(
        "DynamoDB",
        "For most atomic operations, such as GetItem and PutItem, an average latency is in single-digit milliseconds.",
        "re:Post knowledge center",
        "https://repost.aws/knowledge-center/dynamodb-high-latency",
        "2026-11-27",
    ),
    Published(
        "S3",
        "smaller requests (for example, less than 512 KB), where median latencies are often in the tens of "
        "milliseconds range",
        "S3 user guide, performance design patterns",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance-design-patterns.html",
        "2026-11-27",
    ),
    Published(
        "ElastiCache",
        "delivering microsecond latency",
        "ElastiCache FAQs",
        "https://aws.amazon.com/elasticache/faqs/",
        "2026-11-27",
    ),
)
