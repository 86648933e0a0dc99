"""Which transport sends the requests: our own in the plain case, else the SDK's; either where it is demanded."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from functools import wraps
from http.client import HTTPConnection
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSHTTPSConnectionPool
from botocore.client import BaseClient
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES
from botocore.endpoint import Endpoint
from botocore.endpoint_provider import EndpointProvider
from botocore.httpsession import URLLib3Session
from botocore.loaders import create_loader

from session_store import InvalidInputError, SessionStore, StoreConfigurationError, Transport
from session_store.storage.clients import PlainClient
from session_store.testing import in_memory_store
from session_store.transport.connections import MAX_IDLE_SECONDS
from session_store.transport.patched import is_sdk_followed
from session_store.transport.plain import NotPlainError, plain_target
from tests.support.servers import http_reply, read_request, server

KEY = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}
FUNCTION = {
    **KEY,
    "AWS_LAMBDA_FUNCTION_NAME": "validate",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_SESSION_TOKEN": "token",
}
LOADER = create_loader()
PARTITIONS = LOADER.load_data("partitions")
ENDPOINTS = EndpointProvider(LOADER.load_service_model("dynamodb", "endpoint-rule-set-1"), PARTITIONS)
REGIONS = [
    region
    for partition in PARTITIONS["partitions"]
    for region in partition["regions"]
    if not region.endswith("-global")
]
OF_THE_SDK = {
    "AWS_CREDENTIAL_EXPIRATION": "2040-01-01T00:00:00Z",
    "AWS_CSM_ENABLED": "true",
    "AWS_ENDPOINT_DISCOVERY_ENABLED": "true",
    "AWS_PROFILE": "default",
    "AWS_DEFAULT_PROFILE": "default",
    "AWS_SECURITY_TOKEN": "token",
    "HTTPS_PROXY": "http://127.0.0.1:3128",
    "all_proxy": "http://127.0.0.1:3128",
    "AWS_CA_BUNDLE": "/etc/ssl/certs/ca.pem",
    "REQUESTS_CA_BUNDLE": "/etc/ssl/certs/ca.pem",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_ACCOUNT_ID": "111111111111",
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": "required",
    "AWS_DATA_PATH": "/opt/models",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true",
    "AWS_DEFAULTS_MODE": "in-region",
    "AWS_DEFAULT_REGION": "us-iso-east-1",
    "AWS_ENDPOINT_URL": "http://user:password@127.0.0.1:8000",
    "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8000/path",
    "AWS_SESSION_TOKEN": "to\nken",
    "AWS_SECRET_ACCESS_KEY": "",
}
# The SDK reads these, too, and sends the same request to the same server with any of them: they are about other
# services, other places to get credentials from, an attempt's length, which both have from us, or the agent's name.
OF_NO_EFFECT = {
    *("AWS_CSM_CLIENT_ID", "AWS_CSM_HOST", "AWS_CSM_PORT"),  # AWS_CSM_ENABLED alone switches it on
    *("AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"),  # looked at
    *("AWS_DISABLE_HOST_PREFIX_INJECTION", "AWS_DISABLE_REQUEST_COMPRESSION", "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES"),
    *("AWS_REQUEST_CHECKSUM_CALCULATION", "AWS_RESPONSE_CHECKSUM_VALIDATION", "AWS_SIGV4A_SIGNING_REGION_SET"),
    *("AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "AWS_EC2_METADATA_V1_DISABLED"),
    *("AWS_IMDS_USE_IPV6", "AWS_METADATA_SERVICE_NUM_ATTEMPTS", "AWS_METADATA_SERVICE_TIMEOUT"),
    *("AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "BOTOCORE_TCP_KEEPALIVE", "AWS_SDK_UA_APP_ID"),
    *("AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "AWS_STS_REGIONAL_ENDPOINTS"),
}


@pytest.fixture(autouse=True)
def function(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function's environment, and a process in which nothing follows the SDK."""
    for name in [name for name in os.environ if "proxy" in name.lower() or "CA_BUNDLE" in name]:
        monkeypatch.delenv(name)
    for name, value in FUNCTION.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delitem(sys.modules, "moto.core.botocore_stubber", raising=False)


def traced(original: Any) -> Any:
    """The thing that a tracer puts in the place of a function."""

    @wraps(original)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs)

    return wrapper


class Traced:
    """The same as an object, as wrapt makes it."""

    def __init__(self, original: Any) -> None:
        self._original = original
        self.__module__ = original.__module__

    def __get__(self, instance: Any, owner: Any) -> Any:
        return getattr(self._original, "__get__", lambda *_: self._original)(instance, owner)

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return type(self._original)


def is_own(**given: Any) -> bool:
    client = SessionStore(**{"table_name": "sessions", **given})._context.storage._client  # type: ignore[attr-defined]
    return isinstance(client, PlainClient)


def test_a_function_has_our_own_transport() -> None:
    assert is_own()


def test_other_processes_have_the_sdks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")

    assert not is_own()


@pytest.mark.parametrize("name", OF_THE_SDK)
def test_settings_that_only_the_sdk_knows_leave_it_to_the_sdk(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, OF_THE_SDK[name])

    with pytest.raises(NotPlainError) as error:
        plain_target("sessions", None, None)
    assert OF_THE_SDK[name] not in str(error.value) or not OF_THE_SDK[name]
    with pytest.raises(StoreConfigurationError, match="SESSION_TRANSPORT=botocore"):
        SessionStore("sessions", transport=Transport.OWN)


@pytest.mark.parametrize("name", ["AWS_USE_FIPS_ENDPOINT", "AWS_SESSION_TOKEN", "AWS_CA_BUNDLE"])
def test_a_store_with_settings_that_only_the_sdk_knows_is_made_with_it(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, OF_THE_SDK[name])

    assert not is_own()


@pytest.mark.parametrize("variable", ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_a_file_of_profiles_or_credentials_leaves_it_to_the_sdk(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("[default]\n")
    monkeypatch.setenv(variable, str(file))

    assert not is_own()


@pytest.mark.parametrize("path", ["~/file", "$PLACE/file", "${PLACE}/file"])
def test_a_file_whose_place_the_sdk_works_out_leaves_it_to_the_sdk(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PLACE", str(tmp_path))
    monkeypatch.setenv("AWS_CONFIG_FILE", path)
    assert is_own()
    (tmp_path / "file").write_text("[default]\nuse_fips_endpoint = true\n")

    assert not is_own()


def test_each_variable_of_the_sdk_is_left_to_it_or_known_to_have_no_effect() -> None:
    """A new version of the SDK may bring a new one."""
    variables: set[str] = set()
    for _, names, *_ in BOTOCORE_DEFAUT_SESSION_VARIABLES.values():
        variables.update([names] if isinstance(names, str) else names or ())

    for name in variables - OF_NO_EFFECT:
        with pytest.raises(NotPlainError):
            plain_target("sessions", "eu-west-1", None, KEY | {name: "any"})


@pytest.mark.parametrize("name", ["config", "credentials", "models"])
def test_a_file_in_its_usual_place_leaves_it_to_the_sdk(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert is_own()
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws" / name).mkdir() if name == "models" else (tmp_path / ".aws" / name).touch()

    assert not is_own()


def test_a_client_that_is_given_is_asked() -> None:
    client = botocore.session.get_session().create_client("dynamodb")

    assert not is_own(dynamodb_client=client)


def test_a_table_named_by_its_arn_has_an_endpoint_that_only_the_sdk_knows() -> None:
    assert not is_own(table_name="arn:aws:dynamodb:eu-central-1:111111111111:table/sessions")


@pytest.mark.parametrize(
    ("chosen", "variable", "own"),
    [
        ("botocore", None, False),
        ("botocore", "own", False),
        (None, "botocore", False),
        ("auto", "botocore", True),
        (None, "auto", True),
        (None, "", True),
    ],
)
def test_an_argument_or_an_environment_variable_decides(
    chosen: str | None, variable: str | None, own: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    if variable is not None:
        monkeypatch.setenv("SESSION_TRANSPORT", variable)

    assert is_own(transport=chosen) is own


def test_our_own_can_be_demanded_outside_of_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    monkeypatch.setenv("SESSION_TRANSPORT", "own")

    assert is_own()


def test_a_transport_that_there_is_not_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InvalidInputError, match="transport: must be one of auto, own, botocore"):
        SessionStore("sessions", transport="http2")  # type: ignore[arg-type]
    monkeypatch.setenv("SESSION_TRANSPORT", "http2")
    with pytest.raises(StoreConfigurationError, match="SESSION_TRANSPORT must be one of"):
        SessionStore("sessions")


def test_the_variables_of_a_function_choose_the_transport() -> None:
    store = SessionStore.from_environment({"TABLE_NAME": "sessions", "SESSION_TRANSPORT": "botocore"})

    assert not isinstance(store._context.storage._client, PlainClient)  # type: ignore[attr-defined]
    with pytest.raises(StoreConfigurationError, match="variable SESSION_TRANSPORT: must be one of auto, own, botocore"):
        SessionStore.from_environment({"TABLE_NAME": "sessions", "SESSION_TRANSPORT": "http2"})


def test_a_store_in_memory_stays_in_memory() -> None:
    with in_memory_store() as store:
        token = store.create_session("ana").token

        assert SessionStore("sessions", clock=store.clock).validate(token).customer_id == "ana"


FOLLOWED = pytest.mark.parametrize(
    ("owner", "member"),
    [
        *((BaseClient, "__init__"), (BaseClient, "_make_api_call")),
        *((Endpoint, "make_request"), (URLLib3Session, "send")),
        *((AWSHTTPSConnectionPool, "ConnectionCls"), (HTTPConnection, "send"), (HTTPConnection, "_send_request")),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)


@FOLLOWED
@pytest.mark.parametrize("wrap", [traced, Traced], ids=["a function", "a wrapper that poses as what it wraps"])
def test_an_sdk_that_other_code_follows_keeps_the_calls(
    owner: type[Any], member: str, wrap: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not is_sdk_followed()
    monkeypatch.setattr(owner, member, wrap(getattr(owner, member)))

    assert not is_own()
    assert is_own(transport=Transport.OWN)


@pytest.mark.parametrize("module", ["moto.core.botocore_stubber", "ddtrace", "newrelic"])
def test_modules_that_follow_an_sdk_once_it_is_loaded_keep_the_calls(
    module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, ModuleType(module))

    assert not is_own()


def test_an_sdk_that_another_thread_is_loading_just_now_is_not_followed_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "botocore.client", ModuleType("botocore.client"))

    assert is_own()


def test_a_system_without_authorities_has_those_of_the_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert not is_own()
    (tmp_path / "ce5e74ef.0").touch()

    assert is_own()


@pytest.mark.parametrize("transport", [Transport.AUTO, Transport.OWN])
def test_code_that_begins_to_follow_the_sdk_has_the_calls_of_new_connections(
    transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
    requests: list[bytes] = []

    def answer(connection: socket.socket) -> None:
        while request := read_request(connection):
            requests.append(request)
            connection.sendall(http_reply(b'{"Items": []}'))

    with server(answer) as served:
        store = SessionStore("sessions", endpoint_url=served.url, transport=transport)
        store.get_session("any")
        monkeypatch.setattr(BaseClient, "_make_api_call", traced(BaseClient._make_api_call))  # type: ignore[attr-defined]
        store.get_session("any")
        later = time.time() + MAX_IDLE_SECONDS + 1
        with monkeypatch.context() as clock:
            clock.setattr(time, "time", lambda: later)
            store.get_session("any")

    assert [b"Botocore" in request for request in requests] == [False, False, transport is Transport.AUTO]


@pytest.mark.parametrize("region", [*REGIONS, "us-new-9", "eu-new-3"])
def test_the_endpoint_of_a_region_is_that_of_the_sdk_or_left_to_it(region: str) -> None:
    theirs = ENDPOINTS.resolve_endpoint(Region=region, UseFIPS=False, UseDualStack=False)
    try:
        target = plain_target("sessions", region, None, KEY)
    except NotPlainError:
        assert region.startswith(("us-iso", "eu-iso", "eusc-"))
    else:
        assert f"https://{target.named_host}" == theirs.url
        assert (target.secure, target.port) == (True, 443)


@pytest.mark.parametrize(
    ("url", "named_host"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://localhost/", "localhost"),
        ("https://dynamodb.example.com", "dynamodb.example.com"),
        ("https://dynamodb.example.com:443/", "dynamodb.example.com"),
        ("http://dynamodb.example.com:443", "dynamodb.example.com:443"),
    ],
)
def test_a_plain_endpoint_is_taken_as_it_is(url: str, named_host: str) -> None:
    target = plain_target("sessions", "eu-west-1", url, KEY)

    assert target.named_host == named_host
    assert target.secure is url.startswith("https")


@pytest.mark.parametrize(
    "url",
    [
        *("localhost:8000", "ftp://localhost", "http://", "http://[::1]:8000", "http://a:b@localhost", "http://a_b"),
        *("http://localhost:0", "http://localhost:99999", "http://localhost:", "http://localhost/path"),
        *("http://localhost?a=b", "http://a..b", "http://b\u00fccher.example", "http://local host"),
        *("http://localhost:8\u0660", "http://localhost/path/"),
    ],
)
def test_any_other_endpoint_is_left_to_the_sdk(url: str) -> None:
    with pytest.raises(NotPlainError):
        plain_target("sessions", "eu-west-1", url, KEY)


@pytest.mark.parametrize(
    "region", ["", "mars", "eu-west", "eu-west-1\r\nX: y", "us-iso-1-1", "eu-west-1.evil.example", "us-east-\u0661"]
)
def test_a_region_in_another_form_is_left_to_the_sdk(region: str) -> None:
    with pytest.raises(NotPlainError):
        plain_target("sessions", region, None, KEY)
