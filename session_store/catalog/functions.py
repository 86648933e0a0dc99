"""The functions by name. `session_store.catalog.permissions` has what each may do."""

from __future__ import annotations

from enum import StrEnum


class Function(StrEnum):
    """The functions: one per group of routes with the same needs. The value is the file's name in `lambda/`."""

    CREATE = "create_session"
    INTROSPECT = "introspect"
    READ = "read"
    UPDATE = "update_session"
    CREATE_CHILD = "create_child_session"
    END = "end"
    ERASE = "erase_customer"
    USER_SESSION = "user_session"
    USER_SESSIONS = "user_sessions"
    AUTHORIZER = "authorizer"  # serves no route: API Gateway asks it about other applications' routes
    LIFECYCLE_EVENTS = "lifecycle_events"  # serves no route: Lambda calls it with changes of the table
    DELETE_OBJECTS = "delete_objects"  # likewise, where large data is in S3
    MINT = "mint"  # it and the next two are there only where an issuer is
    USER_MINT = "user_mint"
    ISSUER = "issuer"
    SIGN_IN = "sign_in"  # it and the next one are there only where a sign-in with a provider is
    PROVIDER_LOGOUT = "provider_logout"
