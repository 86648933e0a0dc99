"""The region, and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, NoRegionError

from session_store.aws.diagnosis.finding import Finding, failed, ok, warning

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from session_store.aws.diagnosis.subject import Subject

_READ: Final = "AWS_DEFAULT_REGION"
_NOT_READ: Final = "AWS_REGION"


def check(subject: Subject) -> Generator[Finding, None, bool]:
    """Findings about the region, and about the files that it and the profile may be in.

    Returns:
        Whether the files can be used.
    """
    try:
        region = subject.aws.region
        subject.botocore.get_scoped_config()  # a region in hand needs no file, so it has not been read yet
    except BotoCoreError as failure:
        yield failed("The profile cannot be used", failure)
        return False
    yield from _region(subject, region)
    return True


def _region(subject: Subject, region: str | None) -> Iterator[Finding]:
    if region is None:
        yield subject.failed("There is no region", NoRegionError())
    elif region in _known_regions(subject):
        yield ok(f"The region is {region}", f"It comes from {_origin(subject)}")
    else:
        yield warning(
            f"The region {region} is none that this version of boto3 knows",
            f"It comes from {_origin(subject)}",
            "Check the spelling. If it is new, update boto3",
        )
    other = subject.environment.get(_NOT_READ)
    if other and other != region:
        yield warning(
            f"{_NOT_READ}={other} is not used",
            f"boto3 reads {_READ}. The AWS CLI and other SDKs read {_NOT_READ}",
            f"export {_READ}={other}" if region is None else f"unset {_NOT_READ}, or set both to the same",
        )


def _origin(subject: Subject) -> str:
    if "region" in subject.botocore.instance_variables():
        return "the program"
    if subject.environment.get(_READ):
        return _READ
    return f"the profile {subject.profile or 'default'}"


def _known_regions(subject: Subject) -> set[str]:
    partitions = subject.botocore.get_available_partitions()
    return {
        region
        for partition in partitions
        for region in subject.botocore.get_available_regions("dynamodb", partition_name=partition)
    }
