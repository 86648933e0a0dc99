"""Scenes in memory."""

from tests.unit.conftest import memory, scene, signed_in

__all__ = ["memory", "scene", "signed_in"]
