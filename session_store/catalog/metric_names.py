"""The names of all metrics, for the dashboard, costs and documents. No function has this module."""

from __future__ import annotations

from typing import Final

from session_store.catalog.metrics import Metric
from session_store.catalog.object_metrics import ObjectMetric
from session_store.incidents import IncidentName

KINDS: Final = (Metric, ObjectMetric, IncidentName)
"""The enumerations that declare them."""
METRIC_NAMES: Final = (*Metric, *ObjectMetric, *IncidentName)
"""All of them."""
