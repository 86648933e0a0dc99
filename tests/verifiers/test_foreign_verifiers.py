"""joserfc, jose for Node and PyJWT accept what the issuer makes, with the keys that it publishes."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jwt
import pytest
from moto import mock_aws

from local.locked_environment import locked_environment
from local.paths import VENV, WORK, node_folder
from session_store import SessionStore
from session_store.jwt.agreed import Algorithm
from session_store.jwt.documents import KeyDocuments
from session_store.jwt.settings import KeyDocumentSettings
from session_store.testing import MovableClock
from tests.support.jwts import part, rsa_key
from tests.unit.jwt.test_local_key import KEYS, Secrets, private, public
from tests.unit.jwt.world import ISSUER, World

pytestmark = pytest.mark.proof
HERE = Path(__file__).parent
Question = Mapping[str, Any]


def with_joserfc(question: Question) -> list[bool]:
    python = locked_environment("verifiers", python_versions=">=3.11") / "python"
    return said([python, HERE / "with_joserfc.py"], question)


def with_jose(question: Question) -> list[bool]:
    folder = WORK / "verifiers-node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", "with_jose.mjs"):
        shutil.copy(HERE / name, folder)
    npm: list[str | Path] = [
        VENV / "bin" / "npm",
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--prefer-offline",
    ]
    subprocess.run(npm, cwd=folder, check=True, capture_output=True)
    return said([node_folder() / "node", folder / "with_jose.mjs"], question)


def with_pyjwt(question: Question) -> list[bool]:
    key = jwt.PyJWK(question["keys"]["keys"][0])
    names = {"audience": question["aud"], "issuer": question["iss"], "algorithms": [question["algorithm"]]}

    def is_accepted(token: str) -> bool:
        try:
            return bool(jwt.decode(token, key, **names))
        except jwt.PyJWTError:
            return False

    return [is_accepted(token) for token in question["tokens"]]


def said(command: list[Path], question: Question) -> list[bool]:
    done = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, check=True)
    answers: list[bool] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("verifier", [with_joserfc, with_jose, with_pyjwt])
def test_a_foreign_verifier_accepts_a_good_token_and_no_other(
    verifier: Callable[[Question], list[bool]],
    algorithm: Algorithm,
    session_store: SessionStore,
    session_clock: MovableClock,
) -> None:
    with mock_aws():
        key = Secrets().holding(private(KEYS[algorithm]), algorithm)
        key.sign(b"")
    world = World(session_store, session_clock, signer=key)
    session = session_store.create_session("josé", data={"tier": "gold"}).session
    good = world.issuer.issue(lambda: session, audience="orders").token
    head, payload, signature = good.split(".")
    another = world.issuer.issue(lambda: session, audience="billing").token
    claims = jwt.decode(good, options={"verify_signature": False})
    forged = jwt.encode(claims, rsa_key("thief"), "RS256", headers={"kid": key.kid, "typ": "at+jwt"})
    settings = KeyDocumentSettings(issuer=ISSUER, keys=(public(KEYS[algorithm]),), algorithm=algorithm)
    question = {
        "tokens": [good, f"{head}.{part({**claims, 'sub': 'ben'})}.{signature}", f"{head}.{payload}.", another, forged],
        "keys": KeyDocuments(settings, session_clock).keys(),
        "iss": ISSUER,
        "aud": "orders",
        "algorithm": algorithm,
    }

    assert verifier(question) == [True, False, False, False, False]
