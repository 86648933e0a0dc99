"""The shapes of both APIs as JSON Schema (2020-12), under the names that the routes give them.

Only the OpenAPI documents need them. No function loads this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from session_store import tokens
from session_store.api.call import DEFAULT_LIMIT, MAX_SECONDS
from session_store.api.paths import PLAIN_CHARACTER
from session_store.api.user_handlers import LISTED, MAX_LISTED
from session_store.catalog.route import END_REASON, IDEMPOTENCY_KEY
from session_store.checks import (
    END_REASONS,
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
from session_store.operations.authentication import ACR_PATTERN, MAX_ACR_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    Schema: TypeAlias = dict[str, Any]


def reference(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def object_of(properties: Mapping[str, Schema], *, optional: Sequence[str] = (), **more: object) -> Schema:
    """An object of these properties, all required but the optional ones. Later versions may add others."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required, **more}


def described(schema: Schema, description: str) -> Schema:
    """A schema with a description."""
    return {**schema, "description": description}


def _nullable(schema: Schema) -> Schema:
    if schema.keys() & {"$ref", "const"}:
        return {"anyOf": [schema, {"type": "null"}]}
    return {**schema, "type": [schema["type"], "null"]}


def _any_object(description: str) -> Schema:
    # Said aloud: without it, some generators take an object of no known properties for one that has none.
    return {"type": "object", "additionalProperties": True, "description": description}


_ID: Final = {
    "type": "string",
    "minLength": 1,
    "maxLength": MAX_ID_CHARACTERS,
    "pattern": f"^[^#{UNFIT_CHARACTERS}]*$",
}
_CUSTOMER_ID: Final = described(
    {
        "type": "string",
        "minLength": 1,
        "maxLength": MAX_CUSTOMER_ID_CHARACTERS,
        "pattern": f"^[^{UNFIT_CHARACTERS}]*$",
    },
    f"At most {MAX_CUSTOMER_ID_BYTES} bytes of UTF-8.",
)
_ENCODED_CHARACTERS: Final = -(-MAX_CUSTOMER_ID_BYTES * 4 // 3)  # base64url without padding
_SESSION_ID: Final = described({"type": "string", "format": "uuid"}, "A UUIDv7, sorted by creation time. Not a secret.")
_TIME: Final = {"type": "string", "format": "date-time"}
_TOKEN: Final = described(
    {"type": "string"}, "A secret that the service does not store. Hand it to the client, and do not log it."
)
_DATA: Final = reference("SessionData")
_PATCH: Final = reference("DataPatch")
_ACTIVITY: Final = reference("Activity")
_AUDIENCE: Final = "The application that the child session is for."
_COUNT: Final = {"type": "integer"}
_NAMES: Final = {"type": "array", "items": {"type": "string"}}
_CURSOR: Final = described(
    _nullable({"type": "string"}), "Send it as the parameter `cursor` to go on. Null at the end."
)
_SECONDS: Final = {"type": ["integer", "null"], "minimum": 1, "maximum": MAX_SECONDS}
# Without `default`: some generators take a field that has one for one that callers have to give.
_FLAG: Final = {"type": ["boolean", "null"]}

# An answer's schema has types and formats, no further rules: generated clients check them after the server has done its
# work, and would fail on what a later version allows.

# Attributes of which the schema says more than their type does.
_ATTRIBUTES: Final[Mapping[str, Schema]] = {
    "session_id": _SESSION_ID,
    "child_session_id": _SESSION_ID,
    "customer_id": described({"type": ["string", "null"]}, "Null for an anonymous session."),
    "session_state": reference("SessionState"),
    "data": _DATA,
    "last_login_time": described(_nullable(_TIME), "Null for an anonymous session."),
    "last_seen_at": described(
        _TIME, "Last recorded activity. It lags by up to a tenth of the idle timeout, at most 5 minutes."
    ),
    "ends_with_browser": described({"type": "boolean"}, "Whether the browser deletes the cookie when it is closed."),
    "expires_at": described(_TIME, "When it ends without further activity."),
    "absolute_expires_at": described(_TIME, "When it ends at the latest, even with activity."),
    "version": described({"type": "integer"}, "Rises with each change of the data."),
    "audience": described({"type": ["string", "null"]}, _AUDIENCE),
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
_SESSION: Final = reference("Session")
_CHILD: Final = reference("ChildSession")

# By name, as generators call the types that they make of them. No other object is spelled in a document.
COMPONENTS: Final[Mapping[str, Schema]] = {
    "Session": object_of(_SESSION_ATTRIBUTES),
    "ChildSession": object_of(_attributes(ChildSession)),
    "SessionState": {
        "type": "string",
        "enum": [SessionState.ACTIVE.value, SessionState.CLOSING.value],
        "description": "A session in state `closing` is shown, and its token is refused.",
    },
    "SessionData": _any_object(f"The application's JSON object, at most {MAX_DEPTH} levels deep."),
    "DataPatch": _any_object("A merge patch (RFC 7396), in which null deletes a key."),
    "Activity": {
        "type": "string",
        "enum": ["recorded", "none"],
        "description": "With `none` the request does not extend the session, for instance when a page polls. The "
        "default is `recorded`.",
    },
    "AccessToken": object_of(
        {
            "access_token": described({"type": "string"}, "A JWT (RFC 9068). Do not log it."),
            "token_type": {"type": "string", "const": "Bearer"},
            "expires_in": described(_COUNT, "Seconds. An ended session stays usable for as long."),
            "scope": described({"type": "string"}, "Scopes with a space between them. Missing if there are none."),
        },
        optional=("scope",),
    ),
    "EndReason": {
        "type": "string",
        "enum": list(END_REASONS),
        "description": "Why it ends, for the events. The default is `signed_out`, and `all_ended` for all sessions of "
        "a customer. A support back end says `operator`.",
    },
    "ChildSessions": object_of({"children": {"type": "array", "items": _CHILD}, "cursor": _CURSOR}),
    "CreatedChildSession": object_of({"child": _CHILD, "token": _TOKEN}),
    "CreatedSession": object_of(
        {"session": _SESSION, "token": _TOKEN, "replaced_session_id": _SESSION_ID}, optional=("replaced_session_id",)
    ),
    "DeletedRows": object_of({"purged": described(_COUNT, "Rows that this call deleted."), "cursor": _CURSOR}),
    "EndedSessions": object_of({"expired": described(_COUNT, "Sessions that this call ended."), "cursor": _CURSOR}),
    # One object in place of one for each case: generators tell the cases of a `oneOf` apart by a text alone.
    "Introspection": object_of(
        {
            "active": described({"type": "boolean"}, "Whether the token is valid."),
            "session": described(_SESSION, "The session of a valid token."),
            "child": described(_CHILD, "The child session of a valid token, in place of `session`."),
            "reason": described(
                {"type": "string"},
                "`reauthentication_required` if the token is valid, but its sign-in is older than `max_auth_age`, or "
                "has no acr of `required_acr`. Other tokens get no reason.",
            ),
            "acr_values": described(_NAMES, "With that reason: `required_acr`, to ask the identity provider for."),
            "max_age": described(_COUNT, "With that reason: `max_auth_age`, likewise."),
        },
        optional=("session", "child", "reason", "acr_values", "max_age"),
        description="Whether a token is valid, and the session that it stands for.",
    ),
    "IssuerKeys": object_of(
        {"keys": {"type": "array", "items": reference("JsonWebKey")}}, description="A JSON Web Key Set (RFC 7517)."
    ),
    "IssuerMetadata": object_of(
        {
            "issuer": {"type": "string"},
            "jwks_uri": {"type": "string"},
            "response_types_supported": _NAMES,
            "subject_types_supported": _NAMES,
            "id_token_signing_alg_values_supported": _NAMES,
        },
        description="As OpenID Connect Discovery 1.0 has it, with what a verifier needs.",
    ),
    "JsonWebKey": _any_object("A public key (RFC 7517)."),
    "LastLogin": object_of(
        {
            "customer_id": {"type": "string"},
            "last_login_time": described(_nullable(_TIME), "Null without a sign-in."),
        }
    ),
    "ListedSession": object_of(
        {name: _SESSION_ATTRIBUTES[name] for name in LISTED}
        | {"is_current": described({"type": "boolean"}, "Whether it is the session of this request.")},
        description="A session without its data.",
    ),
    "ListedSessions": object_of(
        {"sessions": {"type": "array", "items": reference("ListedSession")}, "cursor": _CURSOR}
    ),
    "Rotation": object_of(
        {
            "rotated": described(
                {"type": "boolean"}, "False if it was rotated a moment ago. The presented token stays valid."
            ),
            "token": described({"type": "string"}, "The new token, only for callers with a Bearer token."),
        },
        optional=("token",),
    ),
    "SessionPage": object_of({"sessions": {"type": "array", "items": _SESSION}, "cursor": _CURSOR}),
    "Problem": object_of(
        {
            "type": described({"type": "string"}, f"`{TYPE_PREFIX}` and a name."),
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {"type": "array", "items": reference("FieldProblem")},
            "keys": described(
                {"type": "array", "items": {"type": "string"}},
                "JSON pointers to the places that other requests changed, the first 32.",
            ),
        },
        optional=("errors", "keys"),
        description="Problem details (RFC 9457).",
    ),
    "FieldProblem": object_of(
        {
            "field": {"type": "string"},
            "problem": {"type": "string"},
            "value": described({"type": "string"}, "The shortened value. Missing if it is confidential."),
            "pointer": described(
                {"type": "string"},
                f"The place in the data, a JSON pointer (RFC 6901) of at most {MAX_POINTER_CHARACTERS} characters. "
                "A longer one is cut to the nearest place around it.",
            ),
        },
        optional=("value", "pointer"),
        description="The fault of a parameter or a field.",
    ),
    "GatewayMessage": object_of(
        {"message": {"type": "string"}},
        optional=("message",),
        additionalProperties=True,
        description="A response that API Gateway gives by itself.",
    ),
}

PATH_PARAMETERS: Final[Mapping[str, Schema]] = {
    "session_id": _SESSION_ID,
    "child_session_id": _SESSION_ID,
    "customer_id": described(
        {
            "type": "string",
            "maxLength": 1 + _ENCODED_CHARACTERS,
            "pattern": f"^({PLAIN_CHARACTER}{{1,{MAX_CUSTOMER_ID_CHARACTERS}}}|~[A-Za-z0-9_-]+)$",
        },
        "An id with only letters, digits and `.`, `_`, `@`, `:`, `|`, `+`, `-` is written as it is. Any other id (and "
        "`.` and `..`) is written as `~` and the base64url of its UTF-8 bytes without padding. An id has one spelling.",
    ),
}

_GO_ON: Final = "The cursor of the response before, to go on after it."
_LIMIT: Final = described(
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
    "Index entries to look at in this call.",
)
QUERY_PARAMETERS: Final[Mapping[str, Schema]] = {
    "activity": _ACTIVITY,
    END_REASON: reference("EndReason"),
    "children_limit": described(_LIMIT, "Child sessions to look at in this call, ended ones included."),
    "limit": _LIMIT,
    "listed_limit": {**_LIMIT, "maximum": MAX_LISTED},
    "ended_limit": described(
        {"type": "integer", "minimum": 1, "maximum": MAX_ENDED},
        "Index entries to look at in this call. By default as many as there is time for.",
    ),
    "cursor": described({"type": "string", "pattern": f"^{tokens.ID_PATTERN}$"}, _GO_ON),
    "ending_cursor": described({"type": "string", "pattern": f"^{ENDING_CURSOR_PATTERN}$"}, _GO_ON),
    "except": described(
        {"type": "string", "format": "uuid"},
        "A session of this customer to keep. Its children end. Repeat it when going on with a cursor.",
    ),
}

HEADERS: Final[Mapping[str, Schema]] = {
    IDEMPOTENCY_KEY: described(
        {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$"},
        "Use a new key for each sign-in, and the same key to send its request again. The session of the earlier "
        "request ends, and the response has a new one. A key counts for 24 hours, for this caller and customer. "
        "The same key with another body is a 422.",
    ),
    "If-Match": described(
        {"type": "string", "pattern": '^("[1-9][0-9]{0,17}"|[1-9][0-9]{0,17})$'},
        "The version that the change is based on, as in the response's `ETag`.",
    ),
    "Session-Binding": described(
        {"type": "string"},
        "The id of the session that the page was made in. The request is refused in any other session.",
    ),
}

FIELDS: Final[Mapping[str, Schema]] = {
    "activity": _nullable(_ACTIVITY),
    "absolute_timeout": described(_SECONDS, "For this session, in place of the deployment's."),
    "anonymous": described(_FLAG, "Make an anonymous session. The default is false."),
    "asking_audience": described(
        _nullable(_ID), "The application that asks. A child session's token must be for this application."
    ),
    "audience": described(_nullable(_ID), _AUDIENCE),
    "carry_data": described(
        _FLAG,
        "Start from the replaced session's data, if it was anonymous or the same customer's. The default is false.",
    ),
    "client": described(
        _nullable({"type": "string", "maxLength": MAX_CLIENT_CHARACTERS}), "Description of the device or browser."
    ),
    "data": _nullable(_DATA),
    "data_patch": _nullable(_PATCH),
    "ends_with_browser": described(
        _FLAG, "Whether the browser deletes the cookie when it is closed. The default is false."
    ),
    "idle_timeout": described(_SECONDS, "For this session, in place of the deployment's."),
    "known_customer": described(_nullable(_CUSTOMER_ID), "The session's customer, if known. It must be the right one."),
    "last_write_wins": described(_FLAG, "Overwrite changes of other requests instead of a 409. The default is false."),
    "max_auth_age": described(
        {**_SECONDS, "minimum": 0}, "The greatest age of the sign-in in seconds (step-up authentication)."
    ),
    "replaces": described(
        {"type": ["string", "null"]},
        "Token of the session that this one replaces, which ends in the same transaction. An invalid token is ignored.",
    ),
    "required_acr": described(
        {
            "type": ["array", "null"],
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_ACR_CHARACTERS, "pattern": f"^{ACR_PATTERN}$"},
            "minItems": 1,
        },
        "Authentication contexts (`acr`), of which the sign-in must have one (step-up authentication).",
    ),
    "scope": described(
        {"type": ["string", "null"]}, "Some of the session's scopes, with a space between them. The default is all."
    ),
    "session_state": _nullable({"type": "string", "const": SessionState.CLOSING.value}),
    "signed_in_customer": described(
        _nullable(_CUSTOMER_ID), f"The customer who signed in, at most {MAX_CUSTOMER_ID_BYTES} bytes of UTF-8."
    ),
    "strict": described(
        _FLAG,
        "Check on this call that the customer's sessions have not all been ended, which costs a read. The default is "
        "true. With false, a session that the index did not show at that end is active for up to 5 minutes of use.",
    ),
    "token": described({"type": "string"}, "The token of a session or a child session, as the client presented it."),
    "token_audience": described(
        _nullable(_ID), "The service that the token is for. It may be missing where the issuer has one audience."
    ),
    "user_data_patch": _PATCH,
}
# Rules about several fields together.
BODY_RULES: Final[Mapping[str, Schema]] = {
    "CustomerOrAnonymous": {
        "if": {"required": ["anonymous"], "properties": {"anonymous": {"const": True}}},
        "then": {"properties": {"customer_id": {"type": "null"}}},
        "else": {"required": ["customer_id"], "properties": {"customer_id": {"type": "string"}}},
    }
}
# The schema of a body of any fields.
ANY_BODY: Final = "SessionData"
ANSWER_HEADERS: Final[Mapping[str, Schema]] = {
    "ETag": {"schema": {"type": "string"}, "description": "The version of the data, for `If-Match`."},
    "Set-Cookie": {"schema": {"type": "string"}, "description": "For callers with the cookie."},
}
