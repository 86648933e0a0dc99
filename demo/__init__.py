"""A small web application on session_store, made the way its users would make one. For `local` and `dev` only."""
