"""Starts MiniStack behind the gate, and lets no key in that others can know.

python -m local.gated_aws, in the environment that `local.embedded_aws` makes.
"""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING, Any, Final

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services.cloudformation import provisioners

from local.gate import gated

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

_action_of: Final[Callable[..., str | None]] = iam_actions.extract_iam_action
_TABLES: Final = provisioners._RESOURCE_HANDLERS["AWS::DynamoDB::GlobalTable"]  # noqa: SLF001 - no other way in
_update_table: Final[Callable[..., tuple[str, dict[str, Any]]]] = _TABLES["update"]
_SECRETS: Final = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]  # noqa: SLF001
_secrets: Final[Mapping[str, Callable[..., Any]]] = {name: _SECRETS[name] for name in ("create", "update", "delete")}
_function_keys: Final[Callable[[Mapping[str, Any]], dict[str, str]]] = lambda_runtime.execution_credentials


def main(*, origins: Collection[str] = ()) -> None:
    """Runs it until it is told to stop.

    Args:
        origins: Values of `Origin` that pass the gate besides those of its own pages.
    """
    iam_actions.extract_iam_action = _action_of_aws
    _TABLES["update"] = _update_table_in_place
    _SECRETS.update({"create": _create_secret, "update": _update_secret, "delete": _delete_secret})
    iam_evaluator.is_root_access_key = _is_root_key
    lambda_runtime.execution_credentials = _unguessable_function_keys
    app.app = gated(app.app, origins=origins)
    app.main()


def _action_of_aws(*request: object) -> str | None:
    """The action that has to be allowed for a request. AWS has none for batches of SQS, which count as one message."""
    action = _action_of(*request)
    return action.removesuffix("Batch") if action and action.startswith("sqs:") else action


def _update_table_in_place(
    name: str, before: Mapping[str, Any], after: Mapping[str, Any], stack: str
) -> tuple[str, dict[str, Any]]:
    """MiniStack makes an empty table at any change of one that has no name in the template."""
    return _update_table(name, {**before, "TableName": name}, {**after, "TableName": name}, stack)


def _create_secret(*arguments: object) -> tuple[str, dict[str, Any]]:
    """A template's `Ref` of a secret is its ARN. MiniStack gives its name, which no policy can name as a resource."""
    _, attributes = _secrets["create"](*arguments)
    return attributes["Arn"], attributes


def _update_secret(arn: str, *arguments: object) -> tuple[str, dict[str, Any]]:
    _, attributes = _secrets["update"](_name_of_secret(arn), *arguments)
    return attributes["Arn"], attributes


def _delete_secret(arn: str, properties: Mapping[str, Any]) -> None:
    _secrets["delete"](_name_of_secret(arn), properties)


def _name_of_secret(arn: str) -> str:
    """Without the six characters that AWS adds."""
    return arn.rpartition(":secret:")[2].rpartition("-")[0]


def _is_root_key(access_key_id: str) -> bool:
    """MiniStack by itself takes `test`, every account's number and no key at all for the root's, too.

    The price: an unsigned call of a route that an API does not have is answered 403 here, not 404.
    """
    return hmac.compare_digest(access_key_id.encode(), os.environ["AWS_ACCESS_KEY_ID"].encode())


def _unguessable_function_keys(function: Mapping[str, Any]) -> dict[str, str]:
    """Adds a secret to a function's keys, which MiniStack derives from two ARNs that are the same on every machine.

    The part of a role's ARN before the last slash goes into its keys and into nothing else.
    """
    return _function_keys({**function, "Role": f"{os.environ['AWS_SECRET_ACCESS_KEY']}/{function['Role']}"})


if __name__ == "__main__":
    main()
