"""The shapes of both APIs as JSON Schema (2020-12), under the names that the routes give them.

Only the OpenAPI documents need them: no function loads this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store import tokens
from session_store.api.backend_handlers import DEFAULT_LIMIT
from session_store.api.call import MAX_SECONDS
from session_store.api.paths import PLAIN_CHARACTER
from session_store.api.user_handlers import LISTED, MAX_LISTED
from session_store.checks import (
    ENDING_CURSOR_PATTERN,
    MAX_CLIENT_CHARACTERS,
    MAX_CUSTOMER_ID_BYTES,
    MAX_CUSTOMER_ID_CHARACTERS,
    MAX_ENDED,
    MAX_ID_CHARACTERS,
    MAX_LIMIT,
    UNFIT_CHARACTERS,
)
from session_store.data.json_data import MAX_DEPTH
from session_store.data.json_pointer import MAX_POINTER_CHARACTERS
from session_store.kernel.problems import TYPE_PREFIX
from session_store.kernel.response import shown_attributes
from session_store.model import ChildSession, Session, SessionState

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    Schema: TypeAlias = dict[str, Any]


def reference(name: str) -> Schema:
    """A reference to one of `COMPONENTS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(properties: Mapping[str, Schema], *, optional: Sequence[str] = (), **more: object) -> Schema:
    """An object of these properties and no others; all required but the optional ones."""
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
        **more,
    }


def described(schema: Schema, description: str) -> Schema:
    """A schema with a description."""
    return {**schema, "description": description}


def _nullable(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


_ID: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_ID_CHARACTERS,
    "pattern": f"^[^#{UNFIT_CHARACTERS}]*$",
}
_A_CUSTOMER_ID: Final = described(
    {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_CUSTOMER_ID_CHARACTERS,
        "pattern": f"^[^{UNFIT_CHARACTERS}]*$",
    },
    f"At most {MAX_CUSTOMER_ID_BYTES} bytes of UTF-8.",
)
_ENCODED_CHARACTERS: Final = -(-MAX_CUSTOMER_ID_BYTES * 4 // 3)  # base64url without padding
_SESSION_ID: Final = described({"type": "string", "format": "uuid"}, "UUIDv7; sorts by creation time; not a secret.")
_TIME: Final = {"type": "string", "format": "date-time", "pattern": "Z$"}
_TOKEN: Final = described(
    {"type": "string"}, "A secret: it exists nowhere else. Hand it to the client, log it nowhere."
)
_DATA: Final = described({"type": "object"}, f"The application's JSON object, at most {MAX_DEPTH} levels deep.")
_CUSTOMER_ID: Final = described(_nullable(_A_CUSTOMER_ID), "Null for an anonymous session.")
_AUDIENCE: Final = described(_nullable(_ID), "The application that the child session is for.")
_ACTIVITY: Final = described(
    {"type": "string", "enum": ["recorded", "none"], "default": "recorded"},
    "Say `none` for a question that is no activity, as of a page that polls: it does not extend the session.",
)
_COUNT: Final = {"type": "integer", "minimum": 0}
_CURSOR: Final = described(
    _nullable({"type": "string"}), "Hand it back as the parameter `cursor` to go on; null when there is no more."
)
_SECONDS: Final = {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_SECONDS}
_FLAG: Final = {"type": ["boolean", "null"], "default": False}

# Attributes of which the schema says more than their type does.
_ATTRIBUTES: Final[Mapping[str, Schema]] = {
    "session_id": _SESSION_ID,
    "child_session_id": _SESSION_ID,
    "customer_id": _CUSTOMER_ID,
    "session_state": {"type": "string", "enum": [SessionState.ACTIVE.value, SessionState.CLOSING.value]},
    "data": _DATA,
    "last_login_time": described(_nullable(_TIME), "Null for an anonymous session."),
    "last_seen_at": described(
        _TIME, "Last recorded activity, at most a tenth of the idle timeout behind, and 5 minutes."
    ),
    "expires_at": described(_TIME, "When it ends without further activity."),
    "absolute_expires_at": described(_TIME, "When it ends in any case."),
    "version": described({"type": "integer", "minimum": 0}, "Rises with each change of the data."),
    "audience": _AUDIENCE,
}
_TYPES: Final[Mapping[str, Schema]] = {
    "bool": {"type": "boolean"},
    "datetime": _TIME,
    "int": {"type": "integer"},
    "str": {"type": "string"},
}


def _attributes(shape: type[Session | ChildSession]) -> Schema:
    """The schemas of the attributes that clients see of a session or a child session."""
    types = shape.__annotations__
    return {name: _ATTRIBUTES.get(name) or _of_type(types[name]) for name in shown_attributes(shape)}


def _of_type(annotation: str) -> Schema:
    schema = _TYPES[annotation.removesuffix(" | None")]
    return _nullable(schema) if annotation.endswith(" | None") else schema


_SESSION_ATTRIBUTES: Final = _attributes(Session)

COMPONENTS: Final[Mapping[str, Schema]] = {
    "Session": object_of(_SESSION_ATTRIBUTES),
    "ChildSession": object_of(_attributes(ChildSession)),
    "Problem": object_of(
        {
            "type": {"type": "string", "pattern": f"^{TYPE_PREFIX}"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": object_of(
                    {
                        "field": {"type": "string"},
                        "problem": {"type": "string"},
                        "value": described({"type": "string"}, "Shortened; left out when it is confidential."),
                        "pointer": described(
                            {"type": "string", "maxLength": MAX_POINTER_CHARACTERS},
                            "Where in the data: a JSON pointer (RFC 6901), to the nearest place around it when long.",
                        ),
                    },
                    optional=("value", "pointer"),
                ),
            },
            "keys": described(
                {"type": "array", "items": {"type": "string"}},
                "JSON pointers of what others changed meanwhile, the first 32.",
            ),
        },
        optional=("errors", "keys"),
        description="Problem details (RFC 9457).",
    ),
    "GatewayMessage": {
        "type": "object",
        "properties": {"message": {"type": "string"}},
        "description": "What API Gateway answers by itself.",
    },
    "ListedSession": object_of(
        {name: _SESSION_ATTRIBUTES[name] for name in LISTED}
        | {"is_current": described({"type": "boolean"}, "Whether this request was made with it.")},
        description="A session without its data.",
    ),
}

PATH_PARAMETERS: Final[Mapping[str, Schema]] = {
    "session_id": _ID,
    "child_session_id": _ID,
    "customer_id": described(
        {
            "type": "string",
            "maxLength": 1 + _ENCODED_CHARACTERS,
            "pattern": f"^({PLAIN_CHARACTER}{{1,{MAX_CUSTOMER_ID_CHARACTERS}}}|~[A-Za-z0-9_-]+)$",
        },
        "As it is, when it has letters, digits and `.`, `_`, `@`, `:`, `|`, `+`, `-` alone; any other id (and `.` and "
        "`..`) as `~` and the base64url of its UTF-8 bytes without padding. No id is found by the other spelling.",
    ),
}

_GO_ON: Final = "From the answer before, to go on where it stopped."
_LIMIT: Final = described(
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "Index entries to look at in this call.",
)
QUERY_PARAMETERS: Final[Mapping[str, Schema]] = {
    "activity": _ACTIVITY,
    "limit": _LIMIT,
    "listed_limit": {**_LIMIT, "maximum": MAX_LISTED},
    "ended_limit": described(
        {"type": "integer", "minimum": 1, "maximum": MAX_ENDED},
        "Index entries to look at in this call; left out, as many as there is time for.",
    ),
    "cursor": described({"type": "string", "pattern": f"^{tokens.ID_PATTERN}$"}, _GO_ON),
    "ending_cursor": described({"type": "string", "pattern": f"^{ENDING_CURSOR_PATTERN}$"}, _GO_ON),
    "except": described(
        _ID, "A session of this customer to keep; its children end. Say it again when going on with a cursor."
    ),
}

HEADERS: Final[Mapping[str, Schema]] = {
    "If-Match": described(
        {"type": "string", "pattern": '^("[1-9][0-9]{0,17}"|[1-9][0-9]{0,17})$'},
        "The version that the change is based on, as in the answer's `ETag`.",
    )
}

_PATCH: Final = "Merge patch (RFC 7396): null deletes a key."
FIELDS: Final[Mapping[str, Schema]] = {
    "activity": {**_nullable(_ACTIVITY), "enum": [*_ACTIVITY["enum"], None]},
    "absolute_timeout": described(_SECONDS, "This session's own, in place of the deployment's."),
    "anonymous": described(_FLAG, "Make a visitor's session, in which no customer is signed in."),
    "asking_audience": described(
        _nullable(_ID), "The application that asks, for a child session's token: must be the one that it is for."
    ),
    "audience": _AUDIENCE,
    "carry_data": described(
        _FLAG, "Start from the replaced session's data, if it was anonymous or the same customer's."
    ),
    "client": described(
        _nullable({"type": "string", "maxLength": MAX_CLIENT_CHARACTERS}), "Description of the device or browser."
    ),
    "data": _nullable(_DATA),
    "data_patch": described(_nullable(_DATA), _PATCH),
    "idle_timeout": described(_SECONDS, "This session's own, in place of the deployment's."),
    "known_customer": described(
        _nullable(_A_CUSTOMER_ID), "The session's customer, when known: must be the right one."
    ),
    "last_write_wins": described(_FLAG, "Overwrite what others changed meanwhile instead of a 409."),
    "max_auth_age": described(
        {**_SECONDS, "minimum": 0}, "Refuse when the sign-in is older, in seconds (step-up authentication)."
    ),
    "replaces": described(
        {"type": ["string", "null"]},
        "Token of the session that this one replaces; it ends in the same transaction. One that is not valid is "
        "ignored: there is nothing to end.",
    ),
    "session_state": {"type": ["string", "null"], "enum": [SessionState.CLOSING.value, None]},
    "signed_in_customer": described(
        _nullable(_A_CUSTOMER_ID), f"The customer who signed in; at most {MAX_CUSTOMER_ID_BYTES} bytes of UTF-8."
    ),
    "strict": described(
        {**_FLAG, "default": True},
        "Check on this call that the customer's sessions have not all been ended: a read more. With false, what the "
        "index did not show when they were ended is active for up to 5 minutes of use.",
    ),
    "token": described({"type": "string"}, "As the client presented it; a session's or a child session's."),
    "user_data_patch": described({"type": "object"}, _PATCH),
}
# What has to hold of several fields together.
BODY_RULES: Final[Mapping[str, Schema]] = {
    "CustomerOrAnonymous": {
        "oneOf": [
            {
                "required": ["customer_id"],
                "properties": {"customer_id": {"type": "string"}, "anonymous": {"enum": [False, None]}},
            },
            {
                "required": ["anonymous"],
                "properties": {"anonymous": {"const": True}, "customer_id": {"type": "null"}},
            },
        ]
    }
}
# A body of any fields.
ANY_BODY: Final = described({"type": "object"}, "The new data.")

_SESSION: Final = reference("Session")
_CHILD: Final = reference("ChildSession")
# Bodies of successful answers, beside the components themselves.
ANSWERS: Final[Mapping[str, Schema]] = {
    "ChildSessions": object_of({"children": {"type": "array", "items": _CHILD}}),
    "CreatedChildSession": object_of({"child": _CHILD, "token": _TOKEN}),
    "CreatedSession": object_of(
        {"session": _SESSION, "token": _TOKEN, "replaced_session_id": _SESSION_ID}, optional=("replaced_session_id",)
    ),
    "DeletedRows": object_of({"purged": described(_COUNT, "Rows that this call deleted."), "cursor": _CURSOR}),
    "EndedSessions": object_of({"expired": described(_COUNT, "Sessions that this call ended."), "cursor": _CURSOR}),
    "Introspection": {
        "oneOf": [
            object_of({"active": {"const": True}, "session": _SESSION}),
            object_of({"active": {"const": True}, "child": _CHILD}),
            object_of(
                {"active": {"const": False}, "reason": {"const": "reauthentication_required"}}, optional=("reason",)
            ),
        ]
    },
    "LastLoginTime": object_of(
        {"customer_id": _A_CUSTOMER_ID, "last_login_time": described(_nullable(_TIME), "Null when none is known.")}
    ),
    "ListedSessions": object_of(
        {"sessions": {"type": "array", "items": reference("ListedSession")}, "cursor": _CURSOR}
    ),
    "Rotation": object_of(
        {
            "rotated": described(
                {"type": "boolean"}, "False when it was rotated a moment ago: the presented token stays good."
            ),
            "token": described({"type": "string"}, "The new token; only for callers with a Bearer token."),
        },
        optional=("token",),
    ),
    "Sessions": object_of({"sessions": {"type": "array", "items": _SESSION}, "cursor": _CURSOR}),
}
ANSWER_HEADERS: Final[Mapping[str, Schema]] = {
    "ETag": {"schema": {"type": "string"}, "description": "The version of the data, for `If-Match`."},
    "Set-Cookie": {"schema": {"type": "string"}, "description": "For callers with the cookie."},
}


def answer(name: str) -> Schema:
    """The body of a successful answer; a component is referred to.

    Raises:
        KeyError: there is none of that name.
    """
    return reference(name) if name in COMPONENTS else ANSWERS[name]
