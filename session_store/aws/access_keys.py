"""Rotation of an IAM user's access key by one call, for users who still have one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from session_store.aws.credential_json import from_json
from session_store.aws.sessions import AwsSessions
from session_store.clock import SystemClock
from session_store.errors import StoreConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from session_store.aws.encrypted_credentials import EncryptedCredentials
    from session_store.aws.static_credentials import StaticCredentials
    from session_store.clock import Clock

_NOW: Final = timedelta(0)
_WEEK: Final = timedelta(days=7)
_SPREADS_WITHIN: Final = 60.0  # seconds until all of IAM knows a new key
_BETWEEN_TRIES: Final = 2.0
_CLOCKS_DIFFER: Final = timedelta(minutes=5)
_NOT_KNOWN_YET: Final = frozenset({"InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException"})
_GONE: Final = "NoSuchEntity"


@dataclass(frozen=True, slots=True)
class Rotation:
    """The state after a call.

    Attributes:
        user: ARN of the IAM user.
        made_key: whether this call finished a new key.
        replaced_key_until: from when on a call deletes the replaced key, which is inactive. None when there is none.
    """

    user: str
    made_key: bool
    replaced_key_until: datetime | None


def rotate_access_key(
    aws: AwsSessions,
    stored: EncryptedCredentials,
    name: str,
    *,
    max_age: timedelta = _NOW,
    keep: timedelta = _WEEK,
    clock: Clock | None = None,
) -> Rotation:
    """Replace a stored access key: make a new one, store it, prove it, deactivate the old one, and delete that later.

    A call that was killed at any point is finished by the next one. So it can run every day, with a `max_age`. A key is
    deactivated first and deleted by a call after `keep`, since a program that still uses it can be helped until then:
    `aws iam update-access-key --status Active`. A user can have two keys, so while the old one is kept nothing is made.

    The key needs `iam:ListAccessKeys`, `iam:CreateAccessKey`, `iam:UpdateAccessKey`, `iam:DeleteAccessKey` and
    `iam:GetAccessKeyLastUsed` on its own user.

    Args:
        aws: settings and region of the clients. They sign with the stored key.
        stored: the file with the key.
        name: the key's name there.
        max_age: a younger key is left as it is.
        keep: for how long the replaced key can be activated again.
        clock: tells the time, for tests.

    Raises:
        StoreConfigurationError: the stored key is none of an IAM user, or the user has another key that is not of this
            file. Also as of `EncryptedCredentials`.
        botocore.exceptions.ClientError: AWS refused a call.
    """
    with stored.exclusive():
        return _Rotator(aws, stored, name, clock or SystemClock()).run(max_age, keep)


class _Rotator:
    """One call. The record in the file says at each moment what is left to do."""

    def __init__(self, aws: AwsSessions, stored: EncryptedCredentials, name: str, clock: Clock) -> None:
        self._aws = aws
        self._stored = stored
        self._name = name
        self._clock = clock
        self._record = stored.record(name)
        self._use_key()

    def run(self, max_age: timedelta, keep: timedelta) -> Rotation:
        user = self._user_of(self._session)
        self._retire()
        self._delete_replaced(keep)
        made = "replaced" not in self._record and (self._began() or self._age(user) >= max_age)
        if made:
            self._make(user)
            self._prove(user)
            self._retire()
        return Rotation(user, made, self._replaced_until(keep))

    def _use_key(self) -> None:
        self._session = self._session_with(self._record["key"])
        self._iam = self._session.client("iam")

    def _session_with(self, credentials: StaticCredentials) -> AwsSessions:
        return AwsSessions(region=self._aws.region, client=self._aws.settings, credentials=credentials)

    def _began(self) -> bool:
        return "making" in self._record or "new" in self._record

    def _make(self, user: str) -> None:
        """Have a new key in the file. Its secret is shown once: a key that was made and not stored is deleted."""
        if "new" in self._record:
            return
        self._delete_lost(user)
        known = [key["AccessKeyId"] for key in self._keys(user)]
        self._write(making={"known": known, "since": self._now().isoformat()})
        new = from_json(self._iam.create_access_key(UserName=_name_of(user))["AccessKey"])
        self._write(making=None, new=new)

    def _delete_lost(self, user: str) -> None:
        """Delete the key of a call that was killed before it stored the secret. Any other second key is an error."""
        making = self._record.get("making")
        for key in self._keys(user):
            key_id = key["AccessKeyId"]
            if key_id == self._record["key"].access_key_id:
                continue
            if making is None or not self._is_lost(key, making):
                raise StoreConfigurationError(
                    f"{user} has a second access key, which ends in {key_id[-4:]} and is not of this file:"
                    " delete it if nothing uses it, with `aws iam delete-access-key`"
                )
            self._iam.delete_access_key(UserName=_name_of(user), AccessKeyId=key_id)

    def _is_lost(self, key: dict[str, Any], making: dict[str, Any]) -> bool:
        """Whether a key can only be that of the call that was killed. Without its secret it was never used."""
        since = datetime.fromisoformat(making["since"])
        if key["AccessKeyId"] in making["known"] or abs(key["CreateDate"] - since) > _CLOCKS_DIFFER:
            return False
        used = self._iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
        return "LastUsedDate" not in used

    def _prove(self, user: str) -> None:
        """Sign a call with the new key, then let it take the old one's place in the file."""
        session = self._session_with(self._record["new"])
        if (other := self._once_known(lambda: self._user_of(session))) != user:
            raise StoreConfigurationError(f"the new key is of {other}, not of {user}")
        old = self._record["key"].access_key_id
        self._write(key=self._record["new"], new=None, replaced={"id": old, "user": user})
        self._use_key()

    def _retire(self) -> None:
        """Deactivate the replaced key. The new one signs the call."""
        replaced = self._record.get("replaced")
        if replaced is None or "since" in replaced:
            return
        name, key_id = _name_of(replaced["user"]), replaced["id"]
        self._unless_gone(lambda: self._iam.update_access_key(UserName=name, AccessKeyId=key_id, Status="Inactive"))
        self._write(replaced={**replaced, "since": self._now().isoformat()})

    def _delete_replaced(self, keep: timedelta) -> None:
        until = self._replaced_until(keep)
        if until is None or until > self._now():
            return
        name, key_id = _name_of(self._record["replaced"]["user"]), self._record["replaced"]["id"]
        self._unless_gone(lambda: self._iam.delete_access_key(UserName=name, AccessKeyId=key_id))
        self._write(replaced=None)

    def _replaced_until(self, keep: timedelta) -> datetime | None:
        replaced = self._record.get("replaced")
        return datetime.fromisoformat(replaced["since"]) + keep if replaced else None

    def _age(self, user: str) -> timedelta:
        ours = self._record["key"].access_key_id
        created = next((key["CreateDate"] for key in self._keys(user) if key["AccessKeyId"] == ours), self._now())
        return max(self._now() - created, _NOW)

    def _keys(self, user: str) -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = self._iam.list_access_keys(UserName=_name_of(user))["AccessKeyMetadata"]
        return keys

    def _user_of(self, session: AwsSessions) -> str:
        arn: str = session.client("sts").get_caller_identity()["Arn"]
        if ":user/" not in arn:
            raise StoreConfigurationError(f"the key of {self._name!r} is of {arn}, and only IAM users rotate keys")
        return arn

    def _unless_gone(self, call: Callable[[], object]) -> None:
        try:
            self._once_known(call)
        except ClientError as error:
            if error.response["Error"]["Code"] != _GONE:
                raise

    def _once_known(self, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - the call's result
        """Call again while AWS does not know the new key: it takes seconds until all of IAM does."""
        deadline = self._clock.monotonic() + _SPREADS_WITHIN
        while True:
            try:
                return call()
            except ClientError as error:
                if error.response["Error"]["Code"] not in _NOT_KNOWN_YET or self._clock.monotonic() >= deadline:
                    raise
            self._clock.sleep(_BETWEEN_TRIES)

    def _write(self, **changes: Any) -> None:  # noqa: ANN401 - JSON
        changed = {**self._record, **changes}
        self._record = {name: value for name, value in changed.items() if value is not None}
        self._stored.put_record(self._name, self._record)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.now(), UTC)


def _name_of(user: str) -> str:
    """The name in an ARN, without the path."""
    return user.rpartition("/")[2]
