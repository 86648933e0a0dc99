"""Entry point of the function that puts what the table's stream says of sessions on an event bus."""

from session_store.events.handler import lifecycle_handler

handler = lifecycle_handler()
