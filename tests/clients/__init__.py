"""Generated clients fit strict types and call every route."""
