"""This repository's own deployment: its environments and the stack that each one gets. Not part of the wheel."""
