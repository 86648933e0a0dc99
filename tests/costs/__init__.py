"""The costs of a day: a simulated day of traffic beside what `session-store cost` calculates for it."""
