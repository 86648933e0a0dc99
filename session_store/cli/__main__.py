"""`python -m session_store.cli`: the same as `session-store`, where that is not on the PATH."""

from session_store.cli import main

main()
