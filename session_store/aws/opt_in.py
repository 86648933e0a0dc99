"""Regions that an account has to enable before anything works there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Collection

    from session_store.aws.locked_session import LockedSession

# They are on in every account. AWS says that each region since March 2019 has to be enabled, so the list is final.
_ALWAYS_ON: Final = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    }
)
_PARTITION: Final = "aws"  # the others have no such regions
_OFF: Final = ("DISABLED", "DISABLING", "ENABLING")
_HOME: Final = "us-east-1"  # of the service that knows


def to_enable(session: LockedSession, regions: Collection[str]) -> set[str]:
    """Those of the regions that an account has to enable, without a call."""
    return {region for region in set(regions) - _ALWAYS_ON if session.get_partition_for_region(region) == _PARTITION}


def regions_off(session: LockedSession, regions: Collection[str]) -> set[str]:
    """Those of the regions that are not enabled in the session's account.

    The account is asked, once, and only if one of the regions may be off. None counts as off when the credentials have
    no permission to ask: calls in such a region then fail by themselves.
    """
    asked = to_enable(session, regions)
    if not asked:
        return set()
    pages = session.create_client("account", _HOME).get_paginator("list_regions")
    try:
        off = {each["RegionName"] for page in pages.paginate(RegionOptStatusContains=_OFF) for each in page["Regions"]}
    except ClientError:
        return set()
    return asked & off
