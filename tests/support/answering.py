"""Makes a real botocore client ask the tables in memory instead of the network, so that faults can follow its calls."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any, Final

from botocore.exceptions import ClientError

from session_store.testing.memory_engine import MemoryClient

_CONTEXT_KEY: Final = "tests.support.answering"


def answer_for(client: Any, memory: MemoryClient) -> None:
    """Let the client's calls be answered from memory."""

    def note(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[_CONTEXT_KEY] = dict(params)

    def answer(model: Any, context: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        method = re.sub(r"(?<!^)(?=[A-Z])", "_", model.name).lower()
        try:
            reply, status = getattr(memory, method)(**context[_CONTEXT_KEY]), 200
        except ClientError as error:
            reply, status = dict(error.response), 400
        return SimpleNamespace(status_code=status), {"ResponseMetadata": {"HTTPStatusCode": status}} | reply

    client.meta.events.register_last("before-parameter-build.dynamodb", note)
    client.meta.events.register_last("before-call.dynamodb", answer)
