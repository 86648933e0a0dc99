"""What the tests of upgrades share."""

from __future__ import annotations

import tests.support.jsii  # noqa: F401 - before anything imports aws_cdk
