"""The metrics of large data in S3. Functions without it do not have this module."""

from __future__ import annotations

from enum import StrEnum


class ObjectMetric(StrEnum):
    """Something that is counted. The value is the metric's name."""

    OBJECTS_READ = "ObjectsRead"
    """Requests to S3 for an object of large data (GetObject), also those that fail."""
    OBJECTS_WRITTEN = "ObjectsWritten"
    """Requests to S3 that write an object, or list those of a session (PutObject, ListObjectsV2), likewise."""
    OBJECTS_DELETED = "ObjectsDeleted"
    """Objects of large data that were deleted, because no row points to them any more."""
