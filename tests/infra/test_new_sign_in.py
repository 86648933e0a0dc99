"""`examples/new_sign_in`: the consumer is called for sign-ins alone, and may do nothing but what it needs."""

from __future__ import annotations

import json

import pytest

from examples.new_sign_in.app import NewSignInMails, Sessions
from tests.infra.templates import FUNCTION, Template, new_app, template_of


@pytest.fixture(scope="module")
def template() -> Template:
    """The example, and the mails once more, with a sender."""
    stack = Sessions(new_app(), "Sessions")
    NewSignInMails(stack, "Sent", service=stack.service, bus=stack.events.bus, sender="no-reply@example.com")
    return template_of(stack)


def permissions(template: Template, role: str) -> set[tuple[str, str]]:
    """A role's permissions, each with the first reference of the resource."""
    (name,) = (each for each in template.resources("AWS::IAM::Role") if each.startswith(role))
    return {
        (action, resource.split('"')[3].rstrip("0123456789ABCDEF")) for action, resource in template.permissions(name)
    }


def test_it_reads_sessions_keeps_of_which_it_has_told_writes_its_log_and_may_do_no_more(template: Template) -> None:
    assert permissions(template, "MailsRole") == {
        ("dynamodb:GetItem", "SessionsTable"),
        ("dynamodb:GetItem", "MailsTold"),
        ("dynamodb:PutItem", "MailsTold"),
        ("logs:CreateLogStream", "MailsLogs"),
        ("logs:PutLogEvents", "MailsLogs"),
    }


def test_only_with_a_sender_it_may_send(template: Template) -> None:
    assert "ses:SendEmail" in {action for action, _ in permissions(template, "SentRole")}
    senders = [each["Environment"]["Variables"].get("MAIL_FROM") for each in template.properties(FUNCTION)]
    assert [each for each in senders if each] == ["no-reply@example.com"]


def test_it_is_called_for_customers_sign_ins_alone(template: Template) -> None:
    patterns = {json.dumps(rule["EventPattern"], sort_keys=True) for rule in template.properties("AWS::Events::Rule")}

    assert [json.loads(pattern) for pattern in patterns] == [
        {
            "source": ["session-store"],
            "detail-type": ["session.created"],
            "detail": {"customer_id": [{"exists": True}]},
        }
    ]
