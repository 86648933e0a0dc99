"""No tests: engines, clocks, faults, clients."""
