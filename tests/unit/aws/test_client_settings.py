"""How clients talk to AWS: checked at once, compared by value, no secret shown."""

from __future__ import annotations

from typing import Any

import pytest

from session_store import InvalidInputError
from session_store.aws import AwsSessions, ClientSettings


@pytest.mark.parametrize(
    ("mistake", "field"),
    [
        ({"connect_timeout": 0}, "connect_timeout"),
        ({"read_timeout": "1"}, "read_timeout"),
        ({"pool": 0}, "pool"),
        ({"max_attempts": True}, "max_attempts"),
        ({"retry_mode": "legacy"}, "retry_mode"),
        ({"endpoints": {"s3": "localhost:9000"}}, "endpoints['s3']"),
        ({"endpoints": {"s3": "http://user:password@127.0.0.1"}}, "endpoints['s3']"),
        ({"endpoints": "http://127.0.0.1"}, "endpoints"),
        ({"options": {"endpoints_config": {}}}, "options"),
    ],
)
def test_a_mistake_is_refused_by_its_name(mistake: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInputError) as raised:
        ClientSettings(**mistake)

    assert raised.value.field == field
    assert "password" not in str(raised.value)


def test_equal_settings_are_one_key_whatever_was_done_to_the_mappings_they_were_made_of() -> None:
    endpoints = {"s3": "http://127.0.0.1:1"}
    settings = ClientSettings(endpoints=endpoints)
    endpoints["s3"] = "http://127.0.0.1:2"

    assert {settings: 1}[ClientSettings(endpoints={"s3": "http://127.0.0.1:1"})] == 1
    with pytest.raises(TypeError):
        settings.endpoints["s3"] = "http://127.0.0.1:2"  # type: ignore[index]


def test_the_password_of_a_proxy_is_not_shown() -> None:
    settings = ClientSettings(proxies={"https": "http://me:hidden@127.0.0.1:1"})

    assert "hidden" not in repr(settings)


def test_the_sdk_gets_the_settings() -> None:
    settings = ClientSettings(
        connect_timeout=0.5,
        read_timeout=1,
        pool=50,
        retry_mode="adaptive",
        max_attempts=7,
        proxies={"https": "http://127.0.0.1:1"},
        endpoints={"s3": "http://127.0.0.1:2", "*": "http://127.0.0.1:3"},
        options={"s3": {"addressing_style": "path"}},
    )
    aws = AwsSessions(region="eu-west-1", client=settings)

    s3 = aws.client("s3")
    config = s3.meta.config
    assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (0.5, 1, 50)
    assert config.retries == {"mode": "adaptive", "total_max_attempts": 7}
    assert config.proxies == {"https": "http://127.0.0.1:1"}
    assert config.s3["addressing_style"] == "path"
    assert s3.meta.endpoint_url == "http://127.0.0.1:2"
    assert aws.client("sts").meta.endpoint_url == "http://127.0.0.1:3"
    assert aws.session.client("dynamodb").meta.endpoint_url == "http://127.0.0.1:3"
