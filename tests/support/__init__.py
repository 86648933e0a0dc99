"""What the tests share: engines, faults and interleavings, metering."""
