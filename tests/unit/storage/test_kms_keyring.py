"""Data keys wrapped by keys in KMS: moto's, and the embedded AWS's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from local.embedded_aws import REGION
from session_store import (
    SessionStore,
    StoreConfigurationError,
    StoreUnavailableError,
    ThrottledError,
    UnreadableDataError,
)
from session_store.aws.connection import connect
from session_store.encryption import Encryption, KmsKeyring
from session_store.settings import ENCRYPTION_KEYS
from tests.support.engines import ENGINES
from tests.support.scene import Scene
from tests.support.scenes import running

DATA = {"cart": ["tea"]}


@pytest.fixture(params=["moto", pytest.param("embedded AWS", marks=pytest.mark.proof)])
def kms(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A client of KMS. The rows are in memory in any case."""
    if request.param == "moto":
        with mock_aws():
            yield connect("kms", region_name=REGION)
        return
    for engine in running(next(engine for engine in ENGINES if engine.name == request.param)):
        yield connect("kms", region_name=REGION, endpoint_url=engine.endpoint_url, key=engine.key)


def new_key(kms: Any) -> str:
    return str(kms.create_key()["KeyMetadata"]["Arn"])


def store_of(scene: Scene, kms: Any, *keys: str, store_id: str = "shop") -> SessionStore:
    return scene.another_store(encryption=Encryption(KmsKeyring(*keys, client=kms), store_id=store_id))


def test_processes_share_a_key_that_kms_has_wrapped(scene: Scene, kms: Any) -> None:
    key = new_key(kms)
    created = store_of(scene, kms, key).create_session("ana", data=DATA)

    assert store_of(scene, kms, key).validate(created.token).data == DATA


def test_an_old_key_is_still_read_and_its_sessions_can_be_ended_without_it(scene: Scene, kms: Any) -> None:
    old, new = new_key(kms), new_key(kms)
    created = store_of(scene, kms, old).create_session("ana", data=DATA)
    rotated = store_of(scene, kms, new, old)

    assert rotated.validate(created.token).data == DATA
    for revoked in ("DisabledException", "AccessDeniedException", "KMSInvalidStateException", "NotFoundException"):
        fault = ClientError({"Error": {"Code": revoked, "Message": str(DATA)}}, "Decrypt")
        without = store_of(scene, Faulty(kms, fault), new, old)
        with pytest.raises(StoreConfigurationError, match=rf"Decrypt: {revoked}: check the key") as raised:
            without.validate(created.token)
        assert raised.value.__context__ is None
        assert "tea" not in str(raised.value)
    assert rotated.validate(created.token).data == DATA
    assert without.end_session(created.session.session_id)


def test_a_key_of_another_store_or_out_of_the_keyring_opens_nothing(scene: Scene, kms: Any) -> None:
    key, other = new_key(kms), new_key(kms)
    created = store_of(scene, kms, key).create_session("ana", data=DATA)

    for reader in (store_of(scene, kms, key, store_id="other"), store_of(scene, kms, other)):
        with pytest.raises(UnreadableDataError, match="the keyring has no key for it"):
            reader.validate(created.token)


class Faulty:
    """KMS that fails for a while."""

    def __init__(self, kms: Any, error: Exception, times: int = 10**9) -> None:
        self._kms, self._error, self.left = kms, error, times

    def generate_data_key(self, **given: Any) -> Any:
        return self._do(self._kms.generate_data_key, given)

    def decrypt(self, **given: Any) -> Any:
        return self._do(self._kms.decrypt, given)

    def _do(self, call: Any, given: dict[str, Any]) -> Any:
        self.left -= 1
        if self.left >= 0:
            raise self._error
        return call(**given)


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "Decrypt")
UNREACHABLE = EndpointConnectionError(endpoint_url="https://kms")


def test_a_fault_of_kms_that_passes_is_not_noticed(scene: Scene, kms: Any) -> None:
    key = new_key(kms)
    created = store_of(scene, Faulty(kms, THROTTLED, 2), key).create_session("ana", data=DATA)

    assert store_of(scene, Faulty(kms, UNREACHABLE, 2), key).validate(created.token).data == DATA


@pytest.mark.parametrize(("fault", "error"), [(THROTTLED, ThrottledError), (UNREACHABLE, StoreUnavailableError)])
def test_one_that_lasts_is_a_typed_error_within_the_methods_time(
    scene: Scene, kms: Any, fault: Exception, error: type[StoreUnavailableError]
) -> None:
    key = new_key(kms)
    created = store_of(scene, kms, key).create_session("ana", data=DATA)
    began = scene.clock.monotonic()

    with pytest.raises(error):
        store_of(scene, Faulty(kms, fault), key).validate(created.token)
    assert scene.clock.monotonic() - began < 4
    assert store_of(scene, kms, key).validate(created.token).data == DATA


def test_a_function_gets_its_encryption_from_its_environment(
    deployed: SessionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mock_aws():
        key = new_key(connect("kms", region_name="us-east-1"))
        monkeypatch.setenv(ENCRYPTION_KEYS, f'["{key}"]')
        with pytest.raises(StoreConfigurationError, match="SESSION_STORE_ID: must be given"):
            SessionStore.from_environment()
        monkeypatch.setenv("SESSION_STORE_ID", "shop")
        session = SessionStore.from_environment().create_session("ana", data=DATA).session

        with pytest.raises(UnreadableDataError):
            deployed.get_session(session.session_id)
        assert SessionStore.from_environment().get_session(session.session_id) == session
