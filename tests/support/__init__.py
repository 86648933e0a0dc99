"""Engines, faults, interleavings and metering, which the tests share."""
