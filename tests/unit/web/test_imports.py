"""What a cold start of a decorated handler loads."""

from __future__ import annotations

import subprocess
import sys

import pytest

import session_store.web


def loaded_by(statement: str) -> set[str]:
    program = f"import sys; {statement}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], env={}, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_a_decorated_handler_loads_neither_boto3_nor_the_http_api() -> None:
    loaded = loaded_by("from session_store.web import session; session(lambda *_: None)({}, None)")

    assert not {"boto3", "botocore", "asyncio", "session_store.store"} & loaded
    assert not [name for name in loaded if name.startswith(("session_store.http", "aws_cdk"))]
    assert "session_store.adapters.aws_lambda.authorizer" not in loaded


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nothing"):
        getattr(session_store.web, "noth" + "ing")


def test_every_exported_name_exists_and_the_list_is_sorted() -> None:
    assert session_store.web.__all__ == sorted(session_store.web.__all__)
    for name in session_store.web.__all__:
        assert getattr(session_store.web, name) is not None
