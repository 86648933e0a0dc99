"""Scenes in memory."""

from tests.unit.conftest import memory, scene

__all__ = ["memory", "scene"]
