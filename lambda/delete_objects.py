"""Entry point of the function that deletes the objects of large data that no row points to any more."""

from session_store.large_data.deleting import deleting_handler

handler = deleting_handler()
