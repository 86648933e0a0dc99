"""The embedded AWS for tests: on a free port, with callers of its own, and recording what it is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from local.embedded_aws import Credentials, EmbeddedAws, running
from local.ports import free_port

_EVERYTHING: Final = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@contextmanager
def recording_aws(folder: Path) -> Iterator[EmbeddedAws]:
    """Run one whose CloudTrail keeps every call: `tests.support.aws_calls` reads them."""
    with running("tests.support.recording_aws", port=free_port(), folder=folder) as aws:
        yield aws


def create_caller(aws: EmbeddedAws, name: str, policy: Mapping[str, Any] | None = None) -> Credentials:
    """Create an IAM user who may do everything without a policy; unlike the root's, signatures are checked."""
    iam = aws.session().client("iam", endpoint_url=aws.endpoint_url)
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="policy", PolicyDocument=json.dumps(policy or _EVERYTHING))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return Credentials(key["AccessKeyId"], key["SecretAccessKey"])
