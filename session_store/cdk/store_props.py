"""The props of constructs that make functions with a store: the optional parts of the store, and the other ones."""

from __future__ import annotations

from typing import Annotated, TypedDict

from session_store.cdk.data_encryption import DataEncryption
from session_store.cdk.large_data_bucket import LargeDataBucket
from session_store.cdk.prop_kinds import OptionalPart
from session_store.cdk.props import FunctionProps, LogProps, OfApi, OfFunctions, OfTable
from session_store.cdk.validation_cache import ValidationCacheCluster


class _Parts(TypedDict, total=False):
    encryption: Annotated[
        DataEncryption | None,
        OptionalPart(
            default=None, kind=DataEncryption, text="encrypts sessions' data before it gets to the table. None: do not."
        ),
    ]
    validation_cache: Annotated[
        ValidationCacheCluster | None,
        OptionalPart(
            default=None,
            kind=ValidationCacheCluster,
            text="a cache for bursts of validations. It moves functions into its VPC. None: each asks the table.",
        ),
    ]
    large_data: Annotated[
        LargeDataBucket | None,
        OptionalPart(
            default=None,
            kind=LargeDataBucket,
            text="the bucket of sessions' data that is too large for a row. None: such data is refused.",
        ),
    ]


class StoreProps(_Parts, FunctionProps, total=False):
    """Props of constructs that make functions with a store, the optional parts of the store included."""


class OnTableProps(_Parts, OfFunctions, OfApi, LogProps, total=False):
    """Props of functions and an API on an existing table."""


class ServiceProps(OfTable, OnTableProps, total=False):
    """Of the service, which makes all three."""
