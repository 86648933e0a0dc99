"""A line for each call. The SDK's own DEBUG log quotes requests and replies."""

import logging
import sys
from typing import Any

from botocore.model import OperationModel

from session_store.aws import AwsSessions

LOGGER = logging.getLogger(__name__)


def log_call(model: OperationModel, http_response: Any, **_: object) -> None:  # noqa: ANN401 - botocore's or the CRT's
    LOGGER.info("%s %s", model.name, http_response.status_code)


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stdout, force=True)
    logging.getLogger("botocore").setLevel(logging.WARNING)
    sts = AwsSessions().client("sts")
    sts.meta.events.register("after-call", log_call)
    account = sts.get_caller_identity()["Account"]
    # GetCallerIdentity 200
    print(account)  # 123456789012


if __name__ == "__main__":
    main()
