"""The embedded AWS with a CloudTrail that records what IAM denies, too: AWS's does, MiniStack's by itself does not.

python -m tests.support.recording_aws
"""

from __future__ import annotations

import os
import re
import uuid
from typing import Any, Final

from tests.support.aws_calls import MOST_CALLS

# MiniStack reads them when it is imported.
os.environ |= {"CLOUDTRAIL_RECORDING": "1", "CLOUDTRAIL_MAX_EVENTS": str(MOST_CALLS)}

from ministack.core import iam_evaluator
from ministack.services import cloudtrail

from local.gated_aws import main

# Requests of these sites' pages go on to the applications in it, whose own defences the tests check.
_ORIGINS: Final = ("https://app.example.com", "https://evil.example", "http://evil.localhost")
_TABLE_OR_INDEX: Final = re.compile(r":table/(?P<TableName>[^/]+)(/index/(?P<IndexName>[^/]+))?$")
_decide: Final = iam_evaluator.enforce


def enforce(
    access_key_id: str, iam_action: str, service: str, region: str, *, resource_arn: str = "*", **further: Any
) -> Any:
    """MiniStack's check before each call, and for each part of a transaction. None, or the reason of a denial."""
    denied = _decide(access_key_id, iam_action, service, region, resource_arn=resource_arn, **further)
    if denied and not isinstance(denied, iam_evaluator.AuthError):
        _record(access_key_id, iam_action, service, region, resource_arn)
    return denied


def _record(key: str, iam_action: str, service: str, region: str, resource_arn: str) -> None:
    """A part of a transaction is recorded by itself; of the parameters there is what the ARN says, or the ARN."""
    names = _TABLE_OR_INDEX.search(resource_arn)
    cloudtrail.record_event(
        service=service,
        event_name=iam_action.partition(":")[2],
        username=key,
        access_key_id=key,
        resources=[],
        region=region,
        request_id=str(uuid.uuid4()),
        user_agent="",
        request_params=(
            {name: value for name, value in names.groupdict().items() if value}
            if names
            else {"ResourceArn": resource_arn}
        ),
        method="POST",
    )


if __name__ == "__main__":
    iam_evaluator.enforce = enforce
    main(origins=_ORIGINS)
