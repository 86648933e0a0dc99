"""`make run`: the whole system on this machine, until Ctrl-C.

Starts the embedded AWS, deploys the environment `local`, loads the sample data, says how to try it, and stays up.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import shlex
import signal
import sys
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from local import sample_data, sample_users
from local.console import CommandError, fail, step
from local.deploy import COGNITO, deploy
from local.embedded_aws import embedded_aws
from local.env_file import write_env
from local.load import load_sample_data
from local.paths import ROOT, WORK
from local.ports import HOST, require_free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import FrameType

    from local.deploy import Deployment

PORT_VARIABLE: Final = "SESSION_STORE_PORT"
DEFAULT_PORT: Final = 4566
_PORTS: Final = 1 << 16

_STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class _StopRequested(BaseException):
    """Ctrl-C or another signal that asks for the end. Not an error."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until a signal asks for the end.

    Args:
        arguments: the command line, without the program's name.

    Returns:
        The exit status: 0 after a stop that was asked for, 1 after one line that says what went wrong.
    """
    try:
        port, folder, oidc = _options(arguments)
        for number in _STOP_SIGNALS:
            signal.signal(number, _request_stop)
        with _only_one(port, folder) as say:
            _serve(port, folder, oidc, say)
    except CommandError as error:
        return fail(str(error))
    except _StopRequested:
        print("\nStopped; the data is kept for the next `make run`.")
    return 0


def _serve(port: int, folder: Path, oidc: str | None, say: Callable[[str], None]) -> None:
    started = time.monotonic()
    env = folder / "env"
    require_free_port(port)  # before the first step is announced, which would count as begun
    with ExitStack() as running:
        running.callback(env.unlink, missing_ok=True)
        with step(f"Starting the embedded AWS on {HOST}:{port}"):
            aws = running.enter_context(embedded_aws(port=port, folder=folder / "aws"))
        with step("Deploying the environment `local` with the CDK CLI"):
            deployment = deploy(aws, oidc=oidc)
        with step("Loading the sample data"):
            table = aws.session().client("dynamodb", endpoint_url=aws.endpoint_url)
            load_sample_data(table, deployment.table_name, now=int(time.time()))
            if deployment.user_pool_id:
                sample_users.add_sample_users(aws, deployment.user_pool_id)
        write_env(env, aws, deployment)
        say(f", the demo is {deployment.demo_url}/")
        print(_announcement(deployment, env, seconds=time.monotonic() - started), flush=True)
        aws.process.wait()
        raise CommandError(f"The embedded AWS stopped by itself: see {aws.log}.")


def _announcement(deployment: Deployment, env: Path, *, seconds: float) -> str:
    abc, xyz = sample_data.CUSTOMER_ABC, sample_data.CUSTOMER_XYZ
    signs_in = json.dumps({"customer_id": xyz, "data": {"visits": 1}})
    return f"""
Ready after {seconds:.0f} s. Ctrl-C stops everything.

  Demo       {deployment.demo_url}/
  API        {deployment.api_url}
  Table      {deployment.table_name}
  Documents  README.md and docs/; `make site` builds pages of them

Open the demo in a browser. {_how_to_sign_in(deployment)}
In another terminal of this folder, `.venv/bin/session-store list {abc}` lists {abc}'s sessions.

These lines do the same over HTTP, sign {xyz} in, check the new token, run the library, and show the e-mails about new
sign-ins, which an example sends to a log:

  source {shlex.quote(str(env.relative_to(ROOT) if env.is_relative_to(ROOT) else env))}

  signed_curl $API/customers/{abc}/sessions

  signed_curl $API/sessions -d '{signs_in}'

  signed_curl $API/sessions/introspect -d "{{\\"token\\": \\"$token\\"}}"

  .venv/bin/python examples/library_quickstart.py

  .venv/bin/python -m local.mails
"""


def _how_to_sign_in(deployment: Deployment) -> str:
    if deployment.user_pool_id:
        names = " or ".join(sample_users.USER_NAMES)
        return f"Sign in through Cognito as {names}, with the password {sample_users.PASSWORD}."
    customers = f"{sample_data.CUSTOMER_ABC} and {sample_data.CUSTOMER_XYZ}"
    return f"To sign in, type any name: there is no password. {customers} have sample devices."


@contextmanager
def _only_one(port: int, folder: Path) -> Iterator[Callable[[str], None]]:
    """Holds the folder's lock. The system frees it however this process ends.

    Yields:
        A function that adds a text to what a second start in the same folder says of this one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "run.lock"
    with file.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CommandError(f"`make run` is up already ({file.read_text()}): stop it with Ctrl-C first.") from None

        def say(text: str) -> None:
            lock.write(text)
            lock.flush()

        lock.truncate(0)
        say(f"process {os.getpid()}, port {port}")
        yield say


def _request_stop(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 (the signature of a handler)
    for each in _STOP_SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    raise _StopRequested


def _options(arguments: Sequence[str] | None) -> tuple[int, Path, str | None]:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--port", default=os.environ.get(PORT_VARIABLE, str(DEFAULT_PORT)), help="default %(default)s")
    parser.add_argument("--folder", type=Path, default=WORK, help="where to keep everything, default %(default)s")
    parser.add_argument("--oidc", metavar=COGNITO, help="sign in to the demo through Cognito, default: any name does")
    options = parser.parse_args(arguments)
    port: str = options.port
    if not port.isdecimal() or not 0 < int(port) < _PORTS:
        raise CommandError(f"The port must be a number from 1 to {_PORTS - 1}, not {port!r}.")
    if options.oidc not in {None, COGNITO}:
        raise CommandError(f"The identity provider must be {COGNITO}, not {options.oidc!r}.")
    return int(port), options.folder.resolve(), options.oidc


if __name__ == "__main__":
    sys.exit(main())
