"""The published example of this schema, asked for over HTTP."""

from __future__ import annotations

import time

import pytest

from local import sample_data
from local.load import load_sample_data
from tests.support.checked_api import CheckedApi
from tests.support.deployed import Deployed


@pytest.fixture(scope="module")
def api(deployed: Deployed) -> CheckedApi:
    load_sample_data(deployed.table_client(), deployed.table_name, now=int(time.time()))
    return CheckedApi(deployed.api)


def test_a_session_of_the_example_is_found_by_its_id(api: CheckedApi) -> None:
    session = api.call("GET", f"/sessions/{sample_data.SESSION_ABC}").json
    assert (session["customer_id"], session["session_state"]) == ("ABC", "active")


def test_the_examples_children_are_found_by_their_session(api: CheckedApi) -> None:
    children = api.call("GET", f"/sessions/{sample_data.SESSION_ABC}/children").json["children"]
    assert {child["child_session_id"]: child["session_state"] for child in children} == {
        sample_data.CHILD_ABC: "active",
        sample_data.CHILD_ABC_CLOSING: "closing",
    }


def test_the_examples_session_is_found_by_its_child(api: CheckedApi) -> None:
    session = api.call("GET", f"/children/{sample_data.CHILD_XYZ}/session").json
    assert session["session_id"] == sample_data.SESSION_XYZ


@pytest.mark.parametrize(("customer", "time_"), [("ABC", "2023-05-12T11:30:00Z"), ("XYZ", "2023-04-30T15:22:09Z")])
def test_the_examples_last_logins_are_the_published_ones(api: CheckedApi, customer: str, time_: str) -> None:
    assert api.call("GET", f"/customers/{customer}/last-login").json == {
        "customer_id": customer,
        "last_login_time": time_,
    }


def test_the_examples_sessions_are_found_by_their_customer(api: CheckedApi) -> None:
    sessions = api.call("GET", "/customers/ABC/sessions").json["sessions"]
    assert {session["session_id"]: session["session_state"] for session in sessions} == {
        sample_data.SESSION_ABC: "active",
        sample_data.SESSION_ABC_CLOSING: "closing",
    }
    assert api.call("GET", f"/customers/XYZ/sessions/{sample_data.SESSION_XYZ}").json["customer_id"] == "XYZ"
    assert api.call("GET", f"/customers/XYZ/sessions/{sample_data.SESSION_ABC}").status == 404
