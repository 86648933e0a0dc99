"""APIs whose answers are held against the OpenAPI documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.http_client import ApiClient, whose
from tests.support.openapi import check_answer
from tests.support.reply import Reply
from tests.support.visitor import Send


@dataclass(frozen=True)
class CheckedApi(ApiClient):
    """The deployed back-end routes; fails on an answer that the document does not describe, or that may be cached."""

    has_gateways_answers: bool = False  # whether API Gateway's own are expected, which say nothing about caching

    def call(self, method: str, path: str, json_body: Any = None, **sent: Any) -> Reply:
        answer = self.request(method, path, json_body=json_body, **sent)
        check_answer(method, path, answer.status, answer.headers.get("content-type"), answer.json)
        assert self.has_gateways_answers or is_sent_with_care(answer)
        return answer

    def create(self, customer_id: str | None = None, **fields: Any) -> tuple[dict[str, Any], str]:
        """A new session and its token."""
        created = self.call("POST", "/sessions", {**whose(customer_id), **fields})
        assert created.status == 201, created.text
        return created.json["session"], created.json["token"]

    def create_child(self, session_id: str, **fields: Any) -> tuple[dict[str, Any], str]:
        """A new child session and its token."""
        created = self.call("POST", f"/sessions/{session_id}/children", fields)
        assert created.status == 201, created.text
        return created.json["child"], created.json["token"]

    def introspect(self, token: str, **fields: Any) -> dict[str, Any]:
        """The API's response to an introspection of a token."""
        answer = self.call("POST", "/sessions/introspect", {"token": token, **fields})
        assert answer.status == 200, answer.text
        said: dict[str, Any] = answer.json
        return said


def is_sent_with_care(answer: Reply) -> bool:
    """Whether no cache may keep an answer, and no browser take it for something else."""
    return (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-store", "nosniff")


def checked(send: Send) -> Send:
    """User routes: fails on an answer that the document does not describe, or that a cache might give to others."""

    def send_and_check(method: str, url: str, headers: Mapping[str, str], body: str) -> Reply:
        reply = send(method, url, headers, body)
        check_answer(method, url, reply.status, reply.headers.get("content-type"), reply.json)
        assert is_sent_with_care(reply)
        assert reply.headers["vary"] == "Authorization, Cookie"
        assert reply.status != 401 or reply.headers["www-authenticate"].startswith("Bearer")
        return reply

    return send_and_check
