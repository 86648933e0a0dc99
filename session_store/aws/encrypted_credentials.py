"""Access keys in an encrypted file, for machines that cannot use roles or SSO. Needs the extra `encryption`."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

try:
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet
except ModuleNotFoundError as error:
    raise ImportError(
        "encrypted credentials need cryptography: install the extra, from a checkout with pip install '.[encryption]'"
    ) from error

from session_store.aws.credential_json import from_json, to_json
from session_store.aws.private_file import locked, read_private, replace_private
from session_store.clock import SystemClock, to_datetime
from session_store.errors import StoreConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from session_store.aws.file_keys import FileKey
    from session_store.aws.static_credentials import StaticCredentials
    from session_store.clock import Clock

_VERSION: Final = 1


class EncryptedCredentials:
    """A file of access keys by name, each encrypted. The names are not.

    The file has mode 0600 from its first moment on, and is replaced as a whole. One process changes it at a time.
    Fernet encrypts with AES-128 and authenticates with HMAC-SHA256.

    Args:
        file: path of the file. It need not be there.
        key: `PassPhrase` or `KmsKey`. `names` and `delete` need none.
        clock: tells whether credentials have expired.

    Methods raise:
        StoreConfigurationError: the file is not readable, damaged or open to others, or the key is not the file's.
    """

    def __init__(self, file: Path | str, key: FileKey | None = None, *, clock: Clock | None = None) -> None:
        self.file = Path(file).expanduser()
        self._clock = clock or SystemClock()
        self._key = key
        self._opened: tuple[dict[str, Any], Fernet] | None = None

    def __repr__(self) -> str:
        return f"EncryptedCredentials({str(self.file)!r}, {self._key!r})"

    def names(self) -> list[str]:
        """The names that have a key, sorted."""
        return sorted(self._read()["credentials"])

    def load(self, name: str) -> StaticCredentials:
        """The credentials of a name, for `AwsSessions(credentials=...)`.

        Raises:
            StoreConfigurationError: also when they have expired.
        """
        credentials: StaticCredentials = self.record(name)["key"]
        ends = credentials.expires_at
        if ends is not None and ends <= to_datetime(int(self._clock.now())):
            raise StoreConfigurationError(f"the credentials {name!r} expired at {ends}: store new ones")
        return credentials

    def save(self, name: str, credentials: StaticCredentials) -> None:
        """Encrypt credentials, in place of those of that name, which may be any text."""
        with self.exclusive():
            self.put_record(name, {"key": credentials})

    def delete(self, name: str) -> None:
        """Remove a name and its key."""
        with self.exclusive():
            content = self._read()
            self._require(content, name)
            del content["credentials"][name]
            self._write(content)

    def rotate_key(self, new: FileKey) -> None:
        """Encrypt everything again with another key: with a new pass phrase, or with KMS in place of one.

        It is done completely or not at all.
        """
        with self.exclusive():
            content = self._read()
            old = self._cipher(content)
            fresh, cipher = _with_key(content, new)
            both = MultiFernet([cipher, old])
            fresh["credentials"] = {name: _rotated(both, token) for name, token in content["credentials"].items()}
            self._write(fresh)
            self._key, self._opened = new, (fresh["key"], cipher)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Keep other processes from changing the file."""
        with locked(self.file):
            yield

    def record(self, name: str) -> dict[str, Any]:
        """All that is kept under a name: its `key`, and the state of a rotation. Its `repr` shows no secret."""
        content = self._read()
        token = self._require(content, name)
        return _decrypted(self._cipher(content), name, token, self.file)

    def put_record(self, name: str, record: dict[str, Any]) -> None:
        """Replace a name's record. Only inside of `exclusive`."""
        content = self._read()
        if not content["key"]:
            content, cipher = _with_key(content, self._file_key)
            self._opened = content["key"], cipher
        # The name is inside as well: two keys that change places in the file would be noticed.
        token = self._cipher(content).encrypt(json.dumps({**record, "name": name}, default=to_json).encode())
        content["credentials"][name] = token.decode()
        self._write(content)

    def _cipher(self, content: Mapping[str, Any]) -> Fernet:
        entry = content["key"]
        if self._opened is None or self._opened[0] != entry:
            cipher = Fernet(self._file_key.find(entry))
            _check_key(cipher, content, self.file)
            self._opened = entry, cipher
        return self._opened[1]

    @property
    def _file_key(self) -> FileKey:
        if self._key is None:
            raise StoreConfigurationError(f"{self.file} needs its pass phrase or KMS key")
        return self._key

    def _require(self, content: Mapping[str, Any], name: str) -> str:
        token = content["credentials"].get(name)
        if token is None:
            shown = ", ".join(sorted(content["credentials"])) or "none"
            raise StoreConfigurationError(f"{self.file} has no credentials {name!r}; there are: {shown}")
        return str(token)

    def _read(self) -> dict[str, Any]:
        text = read_private(self.file)
        if text is None:
            return {"version": _VERSION, "key": {}, "credentials": {}}
        content = _parsed(text)
        if not isinstance(content, dict) or not all(isinstance(content.get(k), dict) for k in ("key", "credentials")):
            raise StoreConfigurationError(f"{self.file} is no file of encrypted credentials")
        if content.get("version") != _VERSION:
            raise StoreConfigurationError(f"{self.file} has another version: update session-store")
        return content

    def _write(self, content: dict[str, Any]) -> None:
        replace_private(self.file, json.dumps(content, indent=1).encode())


def _parsed(text: bytes) -> object:
    try:
        parsed: object = json.loads(text)
    except ValueError:
        return None
    return parsed


def _with_key(content: dict[str, Any], key: FileKey) -> tuple[dict[str, Any], Fernet]:
    """The content under a new key. By its `check` a wrong pass phrase is found out before anything is written."""
    entry, secret = key.make()
    cipher = Fernet(secret)
    return {**content, "key": entry, "check": cipher.encrypt(b"").decode()}, cipher


def _check_key(cipher: Fernet, content: Mapping[str, Any], file: Path) -> None:
    try:
        cipher.decrypt(str(content.get("check")))
    except InvalidToken:
        pass
    else:
        return
    raise StoreConfigurationError(f"{file}: the pass phrase or key is wrong, or the file is damaged")


def _rotated(both: MultiFernet, token: str) -> str:
    try:
        return both.rotate(token).decode()
    except InvalidToken:
        pass
    raise StoreConfigurationError("a part of the file is damaged: nothing was changed")


def _decrypted(cipher: Fernet, name: str, token: str, file: Path) -> dict[str, Any]:
    try:
        record: dict[str, Any] = json.loads(cipher.decrypt(token), object_hook=_without_secrets)
    except (InvalidToken, ValueError):
        record = {}
    if record.get("name") != name:
        raise StoreConfigurationError(f"{file}: the credentials {name!r} are damaged")
    return record


def _without_secrets(fields: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON, or credentials
    """Credentials as an object whose `repr` hides them: no traceback with local variables shows them."""
    return from_json(fields) if "SecretAccessKey" in fields else fields
