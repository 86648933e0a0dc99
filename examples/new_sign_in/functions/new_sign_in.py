"""A consumer of lifecycle events: an e-mail to the customer about each new sign-in."""

import os
import time
from typing import Any

import boto3

from session_store import SessionStore
from session_store.events import SessionCreated, read_event

DAYS_REMEMBERED = 30  # longer than a parked event can wait
store = SessionStore.from_environment()  # set by `table.connect`
told = boto3.resource("dynamodb").Table(os.environ["TOLD_TABLE"])


def handler(event: dict[str, Any], _context: object) -> None:
    """Tell of a sign-in. An error makes Lambda try again: a mail twice is better than none."""
    match read_event(event):
        case SessionCreated(customer_id=str(customer_id)) as signed_in if is_new(signed_in):
            send(address_of(customer_id), text_about(signed_in))
            remember(signed_in)


def is_new(event: SessionCreated) -> bool:
    """Whether neither this event nor a later one of the session was told of: events come twice, and in any order."""
    row = told.get_item(Key={"session_id": event.session_id}, ConsistentRead=True).get("Item")
    return row is None or str(row["order"]) < event.order


def remember(event: SessionCreated) -> None:
    """Keep the sequence number. It is a text, because DynamoDB's numbers have fewer digits."""
    forgotten = int(time.time()) + DAYS_REMEMBERED * 24 * 60 * 60
    told.put_item(Item={"session_id": event.session_id, "order": event.order, "ttl": forgotten})


def text_about(event: SessionCreated) -> str:
    """Events hold no device. The session knows it, as long as it lives."""
    session = store.get_session(event.session_id, customer_id=event.customer_id)
    device = session.client or "an unknown device" if session else "a device that is signed out again"
    return f"New sign-in at {event.time:%Y-%m-%d %H:%M} UTC, from {device}. Was it not you? Change your password."


def address_of(customer_id: str) -> str:
    """Ask your own database here."""
    return f"{customer_id}@example.com"


def send(address: str, text: str) -> None:
    """By Amazon SES. Without a sender, as with `make run`, the mail goes to the function's log."""
    sender = os.environ.get("MAIL_FROM")
    if not sender:
        print(f"E-mail to {address}: {text}")
        return
    content = {"Subject": {"Data": "New sign-in"}, "Body": {"Text": {"Data": text}}}
    boto3.client("sesv2").send_email(
        FromEmailAddress=sender, Destination={"ToAddresses": [address]}, Content={"Simple": content}
    )
