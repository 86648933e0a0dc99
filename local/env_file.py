"""The file `.local/env`: what a shell needs in order to use the running system."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING, Final

from local.embedded_aws import REGION
from local.paths import PYTHON
from session_store.settings import EVENT_BUS, PARKING_QUEUE_URL, TABLE_NAME

if TYPE_CHECKING:
    from pathlib import Path

    from local.deploy import Deployment
    from local.embedded_aws import EmbeddedAws

MAILS_LOG: Final = "MAILS_LOG"
"""The variable with the log group of the mails."""
_OWNER_ALONE: Final = 0o600
_ENV: Final = """\
# The system that `make run` has started, for this shell. The key is the embedded AWS's root key, good until that stops.

unset AWS_PROFILE AWS_SESSION_TOKEN
{exports}

# curl with a signature, for JSON. It prints the answer indented and keeps the token of a new session in $token.
signed_curl() {{
    answer=$(_signed_curl "$@") || return
    case $answer in *'"token":"'*) token=${{answer#*'"token":"'}} token=${{token%%'"'*}} ;; esac
    printf '%s\\n' "$answer" | {python} -m json.tool --no-ensure-ascii 2> /dev/null || printf '%s\\n' "$answer"
}}

# The key goes through a pipe: command lines can be read by other users of the machine.
_signed_curl() {{
    curl -sS --aws-sigv4 "aws:amz:$AWS_REGION:execute-api" -H 'content-type: application/json' --config - "$@" << END
user = "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"
END
}}
"""


def write_env(file: Path, aws: EmbeddedAws, deployment: Deployment) -> None:
    """Writes the file in one step. No other user can read it at any moment, and no link is followed.

    It exports `API`, `DEMO`, `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_DEFAULT_REGION`, `AWS_ACCESS_KEY_ID`,
    `AWS_SECRET_ACCESS_KEY`, `TABLE_NAME`, `SESSION_EVENT_BUS`, `SESSION_PARKING_QUEUE_URL` and `MAILS_LOG`, and defines
    the function `signed_curl`.

    Args:
        file: The file to write.
        aws: The embedded AWS that is running.
        deployment: The deployment in it.
    """
    variables = {
        "API": deployment.api_url,
        "DEMO": deployment.demo_url,
        "AWS_ENDPOINT_URL": aws.endpoint_url,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": aws.root.access_key_id,
        "AWS_SECRET_ACCESS_KEY": aws.root.secret_access_key,
        TABLE_NAME: deployment.table_name,
        EVENT_BUS: deployment.event_bus,
        PARKING_QUEUE_URL: deployment.parking_queue_url,
        MAILS_LOG: deployment.mails_log,
    }
    exports = "\n".join(f"export {name}={shlex.quote(value)}" for name, value in variables.items())
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ALONE), "w") as stream:
        stream.write(_ENV.format(exports=exports, python=shlex.quote(str(PYTHON))))
    draft.replace(file)
