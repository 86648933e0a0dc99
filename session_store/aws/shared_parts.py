"""The parts of the SDK's sessions that are the same in all of them, made once for the process.

A session of its own reads the list of all endpoints and the models of its services anew, and registers 125 handlers of
events. The first client of such a session takes 100 ms of CPU time, with shared parts a tenth of that.
"""

from __future__ import annotations

import copy
import os
import threading
from functools import cached_property
from typing import Any, Final

from botocore import handlers
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import Loader, create_loader
from botocore.regions import EndpointResolver
from botocore.session import Session


class _DistinctPaths(list[str]):
    """The folders with service models. Each session of boto3 appends its own folder, always the same."""

    def append(self, path: str) -> None:
        if path not in self:
            super().append(path)


class _SharedLoader(Loader):
    """Reads each service model once, also when many threads ask for it at the same time."""

    def __init__(self, data_path: str | None) -> None:
        paths = _DistinctPaths(create_loader(data_path).search_paths)
        super().__init__(extra_search_paths=paths, include_default_search_paths=False)
        self._reading = threading.RLock()

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:  # noqa: ANN401 - JSON
        with self._reading:
            return super().load_service_model(service_name, type_name, api_version)


class SharedParts:
    """The loader of models, and the resolver of endpoints, for one setting of `AWS_DATA_PATH`."""

    def __init__(self, data_path: str | None) -> None:
        self.loader: Final = _SharedLoader(data_path)
        self._resolving = threading.Lock()

    @property
    def endpoint_resolver(self) -> EndpointResolver:
        """It knows the regions of each service and partition."""
        with self._resolving:
            return self._made_resolver

    @cached_property
    def _made_resolver(self) -> EndpointResolver:
        endpoints, path = self.loader.load_data_with_path("endpoints")
        return EndpointResolver(endpoints, uses_builtin_data=self.loader.is_builtin_path(path))


_parts: Final[dict[str | None, SharedParts]] = {}
_hooks: Final[dict[tuple[object, ...], HierarchicalEmitter]] = {}


def shared_parts(data_path: str | None) -> SharedParts:
    """The shared parts for a value of `AWS_DATA_PATH`, the setting with further folders of service models."""
    # Two threads may make them at the same time. `setdefault` lets both use the same ones.
    return _parts.get(data_path) or _parts.setdefault(data_path, SharedParts(data_path))


def event_hooks() -> HierarchicalEmitter:
    """The SDK's handlers of events, ready for a new session. Copying them takes a fifth of registering them."""
    # The key: moto adds a handler of its own to the list. Sessions made before it was imported do not have that.
    key = tuple(handlers.BUILTIN_HANDLERS)
    if key not in _hooks:
        registered = HierarchicalEmitter()
        Session(event_hooks=registered)
        _hooks[key] = registered
    return copy.copy(_hooks[key])


# Another thread of the parent process may have held a lock of theirs, for ever as far as the child knows.
os.register_at_fork(after_in_child=_parts.clear)
