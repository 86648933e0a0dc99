"""Keep access keys in an encrypted file, where the AWS CLI and every SDK can use them.

In ~/.aws/config:

    [profile dev]
    credential_process = python -m session_store.aws.credential_process get dev

On a server do not use this: give the instance, container or function a role. People should sign in with SSO, as in
`aws sso login`. This is for the machines that can do neither. A program that runs as you can do all that you can.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import shlex
import subprocess
import sys
import warnings
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from session_store.aws.advice import advice_for
from session_store.aws.credential_json import from_json, to_json
from session_store.aws.encrypted_credentials import EncryptedCredentials
from session_store.aws.file_keys import KmsKey, PassPhrase
from session_store.errors import InvalidInputError, SessionStoreError, StoreConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from session_store.aws.file_keys import FileKey
    from session_store.aws.static_credentials import StaticCredentials

_FILE: Final = "~/.aws/session-store-credentials.json"
_PASS_PHRASE: Final = "SESSION_STORE_PASS_PHRASE"  # noqa: S105 - a variable's name
_COMMAND: Final = f"{_PASS_PHRASE}_COMMAND"
_NEW: Final = "new "
_PROGRAM: Final = "python -m session_store.aws.credential_process"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        arguments: the command line, without the program's name.

    Returns:
        The exit status: 1 after an error, which is on stderr.
    """
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except SessionStoreError as error:
        sys.stderr.write(f"error: {error}\n")
    except (BotoCoreError, ClientError) as error:
        advice = advice_for(error)
        sys.stderr.write(f"error: {advice.code}: {advice.meaning} Begin with: {advice.first_command}\n")
    else:
        return 0
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--file", default=_FILE, help="the encrypted file (default: %(default)s)")
    _add_key_options(parser, "")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in _COMMANDS:
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(run=run)
        if run is not _list and run is not _rotate_key:
            command.add_argument("name", help="the name of the credentials, for instance that of the profile")
        if run is _rotate_key:
            _add_key_options(command, _NEW)
        if run is _renew:
            command.add_argument("--max-age", type=int, default=0, metavar="DAYS", help="leave a younger key as it is")
            command.add_argument(
                "--keep", type=int, default=7, metavar="DAYS", help="when to delete the old key (default: %(default)s)"
            )
    return parser


def _add_key_options(parser: argparse.ArgumentParser, which: str) -> None:
    """Options for the key of the file, or for the one that replaces it."""
    flag = which.strip() and "new-"
    parser.add_argument(
        f"--{flag}kms-key",
        metavar="KEY",
        help=f"the {which}key is made by this KMS key, in place of a pass phrase. The default credentials use it",
    )
    parser.add_argument(f"--{flag}kms-profile", metavar="PROFILE", help=f"use the {which}KMS key as this profile")
    parser.add_argument(
        f"--{flag}pass-phrase-command",
        metavar="COMMAND",
        default=None if flag else os.environ.get(_COMMAND),
        help=f"a command that prints the {which}pass phrase, for instance of a password manager"
        + ("" if flag else f" (default: ${_COMMAND}). Without it ${_PASS_PHRASE} counts, then you are asked"),
    )


def _key(options: argparse.Namespace, which: str = "") -> FileKey:
    values = vars(options)
    flag = which.replace(" ", "_")
    if key_id := values[f"{flag}kms_key"]:
        from session_store.aws.sessions import AwsSessions  # noqa: PLC0415 - a pass phrase needs none

        return KmsKey(AwsSessions(values[f"{flag}kms_profile"]).client("kms"), key_id)
    is_new = bool(which) or not Path(options.file).expanduser().exists()
    return PassPhrase(_pass_phrase(values[f"{flag}pass_phrase_command"], which, is_new=is_new))


def _pass_phrase(command: str | None, which: str, *, is_new: bool) -> str:
    if command:
        return _printed(command, which)
    if not which and (text := os.environ.get(_PASS_PHRASE)):
        return text
    # The SDK has both ends of this program in its hands. The terminal itself can still ask.
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            text = getpass.getpass(f"{which}pass phrase of the credentials: ".capitalize())
            # A slip in a new one would lock everything away.
            if not is_new or getpass.getpass("The same again: ") == text:
                return text
            problem = "the two are not the same"
        except (getpass.GetPassWarning, EOFError):
            needed = "--new-pass-phrase-command" if which else f"--pass-phrase-command or ${_PASS_PHRASE}"
            problem = f"there is no terminal to ask for the {which}pass phrase: set {needed}"
    raise StoreConfigurationError(problem)


def _printed(command: str, which: str) -> str:
    try:
        done = subprocess.run(shlex.split(command), stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603
    except (OSError, ValueError):
        raise StoreConfigurationError(f"the command for the {which}pass phrase cannot be run") from None
    if done.returncode:
        raise StoreConfigurationError(f"the command for the {which}pass phrase failed with {done.returncode}")
    return done.stdout.rstrip("\r\n")


def _store(options: argparse.Namespace) -> EncryptedCredentials:
    return EncryptedCredentials(options.file, _key(options))


def _get(options: argparse.Namespace) -> None:
    fields = {"Version": 1, **to_json(_store(options).load(options.name))}
    sys.stdout.write(f"{json.dumps(fields)}\n")


def _put(options: argparse.Namespace) -> None:
    credentials = _asked() if sys.stdin.isatty() else _piped()
    _store(options).save(options.name, credentials)


def _asked() -> StaticCredentials:
    sys.stderr.write("Access key id: ")
    fields = {"AccessKeyId": input().strip(), "SecretAccessKey": getpass.getpass("Secret access key: ").strip()}
    return from_json(fields)


def _piped() -> StaticCredentials:
    try:
        fields: Any = json.load(sys.stdin)
    except ValueError:
        fields = None
    if not isinstance(fields, dict):
        del fields
        raise InvalidInputError("stdin", "must be JSON with AccessKeyId and SecretAccessKey", confidential=True)
    # IAM's replies have them one level below, and STS's too.
    return from_json(fields.get("AccessKey") or fields.get("Credentials") or fields)


def _list(options: argparse.Namespace) -> None:
    sys.stdout.writelines(f"{name}\n" for name in EncryptedCredentials(options.file).names())


def _delete(options: argparse.Namespace) -> None:
    EncryptedCredentials(options.file).delete(options.name)


def _renew(options: argparse.Namespace) -> None:
    from session_store.aws.access_keys import rotate_access_key  # noqa: PLC0415 - `get` runs often, and needs none of it
    from session_store.aws.sessions import AwsSessions  # noqa: PLC0415

    max_age, keep = timedelta(days=options.max_age), timedelta(days=options.keep)
    done = rotate_access_key(AwsSessions(), _store(options), options.name, max_age=max_age, keep=keep)
    sys.stderr.write(f"{'New key' if done.made_key else 'Same key'} of {done.user}\n")
    if done.replaced_key_until:
        sys.stderr.write(f"The old key is inactive. A run after {done.replaced_key_until:%Y-%m-%d %H:%M} deletes it\n")


def _rotate_key(options: argparse.Namespace) -> None:
    _store(options).rotate_key(_key(options, _NEW))


_COMMANDS: Final[tuple[tuple[str, Callable[[argparse.Namespace], None], str], ...]] = (
    ("get", _get, "Print credentials, as the AWS CLI and the SDKs ask for them."),
    ("put", _put, "Store an access key. You are asked for it, or it comes as JSON from stdin."),
    ("list", _list, "Print the names."),
    ("delete", _delete, "Remove a name and its key from the file. IAM keeps the key."),
    ("renew", _renew, "Replace an IAM user's access key. Run it daily, or again after it was interrupted."),
    ("rotate-key", _rotate_key, "Encrypt the file with another pass phrase or KMS key."),
)

if __name__ == "__main__":
    sys.exit(main())
