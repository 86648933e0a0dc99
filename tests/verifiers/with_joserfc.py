"""Says which of some tokens joserfc accepts. Runs in an environment of its own: JSON comes in and goes out."""

from __future__ import annotations

import json
import sys
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet


def is_accepted(token: str, asked: dict[str, Any]) -> bool:
    """Whether signature and claims are right."""
    try:
        found = jwt.decode(token, KeySet.import_key_set(asked["keys"]), algorithms=[asked["algorithm"]])
        rules = {name: {"essential": True, "value": asked[name]} for name in ("iss", "aud")}
        jwt.JWTClaimsRegistry(**rules, exp={"essential": True}).validate(found.claims)
    except (JoseError, ValueError):
        return False
    return bool(found.header["typ"] == "at+jwt")


if __name__ == "__main__":
    question = json.load(sys.stdin)
    sys.stdout.write(json.dumps([is_accepted(token, question) for token in question["tokens"]]))
