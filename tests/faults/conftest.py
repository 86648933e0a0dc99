"""Scenes in memory, which can be put back to a moment."""

from tests.unit.conftest import memory, scene, signed_in

__all__ = ["memory", "scene", "signed_in"]
