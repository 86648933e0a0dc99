"""Connections to AWS: how the store's own client is made, for applications that bring one."""

from session_store.aws.connection import CLIENT_CONFIG, connect

__all__ = ["CLIENT_CONFIG", "connect"]
