"""The authorizer's decision, as API Gateway asks for it and takes it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from session_store import StoreConfigurationError, StoreUnavailableError
from session_store.kernel.authorizer_settings import AuthorizerSettings
from session_store.observing import to_request
from session_store.web import Authorizer, authorizer_handler
from tests.support.faults import FOREVER
from tests.support.lambda_events import Payload, event
from tests.support.scene import Scene, sign_in

END = "2040-01-01T00:30:00Z"
ARN = "arn:aws:execute-api:eu-west-1:123456789012:abcdef/prod/GET/orders"


def asked(method: str = "GET", *, token: str | None = None, payload: Payload = Payload.HTTP_API, **headers: str) -> Any:
    """An authorizer's event: the request, and what is asked about."""
    cookies = [f"__Host-session={token}"] if token else []
    names_arn = {"methodArn": ARN} if payload is Payload.REST_API else {"routeArn": ARN}
    return event(method, headers, cookies, payload) | {"type": "REQUEST"} | names_arn


def decision(scene: Scene, asked_event: Any, **settings: Any) -> dict[str, Any]:
    return Authorizer(scene.store, AuthorizerSettings(**settings)).answer(asked_event)


DENIED: dict[str, Any] = {"isAuthorized": False, "context": {}}


def test_a_customers_live_session_is_let_through_with_its_ids(scene: Scene) -> None:
    created = scene.other.create_session("ana", data={"role": "admin"})

    assert decision(scene, asked(token=created.token)) == {
        "isAuthorized": True,
        "context": {"session_id": created.session.session_id, "customer_id": "ana", "expires_at": END},
    }
    assert scene.faults.operations == ["Query"]


def test_a_bearer_token_will_do_and_wins(scene: Scene) -> None:
    anas, bobs = (scene.other.create_session(name).token for name in ("ana", "bob"))

    answer = decision(scene, asked("POST", token=anas, authorization=f"Bearer {bobs}"))

    assert answer["context"]["customer_id"] == "bob"


@pytest.mark.parametrize(
    ("value", "passed"),
    [("x", "x"), (7, 7), (0.5, 0.5), (True, True), (["a", 1], '["a",1]'), ({"k": None}, '{"k":null}'), (None, "-")],
)
def test_chosen_data_is_passed_on_in_forms_that_api_gateway_hands_on(scene: Scene, value: Any, passed: Any) -> None:
    token = scene.other.create_session("ana", data={"role": value, "secret": "x"}).token

    context = decision(scene, asked(token=token), context_data_keys=("role", "missing"))["context"]

    assert context.get("role", "-") == passed
    assert not {"secret", "missing"} & set(context)


@pytest.mark.parametrize("payload", Payload)
@pytest.mark.parametrize("token", [None, "", "garbage", "v1.x"])
def test_no_token_and_a_bad_one_are_denied(scene: Scene, payload: Payload, token: str | None) -> None:
    answer = decision(scene, asked(token=token, payload=payload))

    if payload is Payload.REST_API:
        assert answer["policyDocument"]["Statement"][0]["Effect"] == "Deny"
    else:
        assert answer == DENIED


def ended(scene: Scene) -> str:
    created = scene.other.create_session("ana")
    scene.other.end_session(created.session)
    return created.token


def test_what_is_not_a_customers_live_session_is_denied(scene: Scene) -> None:
    for token in (ended(scene), sign_in(scene.other).child_token):
        assert decision(scene, asked(token=token)) == DENIED


def test_visitors_are_let_through_where_that_is_asked_for_alone(scene: Scene) -> None:
    visitors = asked(token=scene.other.create_session(data={"cart": []}).token)
    answer = decision(scene, visitors, allow_anonymous=True)
    assert (answer["isAuthorized"], set(answer["context"])) == (True, {"session_id", "expires_at"})
    assert decision(scene, visitors) == DENIED


def test_cookies_do_not_count_where_only_bearer_tokens_do(scene: Scene) -> None:
    token = scene.other.create_session("ana").token

    assert decision(scene, asked(token=token), bearer_only=True) == DENIED
    assert decision(scene, asked(authorization=f"Bearer {token}"), bearer_only=True)["isAuthorized"] is True


def test_a_cookie_that_changes_state_needs_the_browsers_word(scene: Scene) -> None:
    token = scene.other.create_session("ana").token
    origin = "https://app.example.com"

    assert decision(scene, asked("POST", token=token)) == DENIED
    assert decision(scene, asked("POST", token=token, origin=origin)) == DENIED
    assert decision(scene, asked("POST", token=token, sec_fetch_site="same-origin"))["isAuthorized"] is True
    assert decision(scene, asked("POST", token=token, origin=origin), allowed_origins=(origin,))["isAuthorized"] is True


def test_a_strict_authorizer_sees_at_once_that_all_sessions_were_ended(scene: Scene) -> None:
    created = scene.other.create_session("ana")
    scene.faults.hide_from_index(created.session.session_id)
    scene.store.end_customer_sessions("ana")

    assert decision(scene, asked(token=created.token))["isAuthorized"] is True
    assert decision(scene, asked(token=created.token), strict=True) == DENIED


@pytest.mark.shows("7.5.3")
def test_a_sign_in_that_is_too_old_or_too_weak_is_denied_where_a_better_one_is_asked_for(scene: Scene) -> None:
    said = {"at": int(scene.clock.now()), "acr": "silver", "auth_time": int(scene.clock.now())}
    token = scene.other.create_session("ana", data={"$authentication": said}).token
    step_up: dict[str, Any] = {"max_auth_age": timedelta(minutes=5), "required_acr": ("gold", "silver")}

    assert decision(scene, asked(token=token), **step_up)["isAuthorized"] is True
    assert decision(scene, asked(token=token), **step_up | {"required_acr": ("gold",)}) == DENIED
    scene.clock.advance(timedelta(minutes=5, seconds=1))
    assert decision(scene, asked(token=token), **step_up) == DENIED


@pytest.mark.parametrize("payload", Payload)
def test_requests_that_are_no_activity_do_not_keep_a_session_alive_and_hear_when_it_ends(
    scene: Scene, payload: Payload
) -> None:
    token = scene.other.create_session("ana").token
    scene.clock.advance(timedelta(minutes=5))

    answer = decision(scene, asked(token=token, payload=payload), activity="none")

    assert answer["context"]["expires_at"] == END
    assert decision(scene, asked(token=token))["context"]["expires_at"] == "2040-01-01T00:35:00Z"


def test_payload_format_1_gets_a_policy_for_what_was_asked(scene: Scene) -> None:
    created = scene.other.create_session("ana")

    assert decision(scene, asked(token=created.token, payload=Payload.REST_API)) == {
        "principalId": "ana",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [{"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": ARN}],
        },
        "context": {"session_id": created.session.session_id, "customer_id": "ana", "expires_at": END},
    }


# The handler


@pytest.mark.shows("T86")
@pytest.mark.parametrize(
    ("fault", "error", "metric"),
    [
        ("ThrottlingException", StoreUnavailableError, "Throttled"),
        ("ResourceNotFoundException", StoreConfigurationError, "Failed"),
    ],
)
def test_a_fault_lets_no_request_through_and_is_counted(
    scene: Scene, capsys: pytest.CaptureFixture[str], fault: str, error: type[Exception], metric: str
) -> None:
    token = scene.other.create_session("ana").token
    scene.faults.refuse(None, fault, times=FOREVER)
    with pytest.raises(error):
        authorizer_handler(scene.store, AuthorizerSettings())(asked(token=token), None)
    metrics = capsys.readouterr().out
    assert json.loads(metrics.splitlines()[0])[metric] == 1
    assert token not in metrics


def test_the_line_of_a_refusal_says_why_without_the_token(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    store = scene.another_store(observer=to_request)
    token = ended(scene)
    for request in (asked(token=token), asked()):
        authorizer_handler(store, AuthorizerSettings())(request, None)
    out = capsys.readouterr().out
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["outcome"] for line in lines] == ["refused", "refused"]
    assert (lines[0]["refusal"], lines[1]["error"]) == ("ended", "SessionRequiredError")
    assert all(part not in out for part in token.split(".")[2:])
