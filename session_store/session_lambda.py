"""For code written for the package session-lambda: change the import, keep the rest.

    from session_store.session_lambda import get_session_data, session, set_session_data

    @session(id_key_name="session-id", update=True, ttl=3600)
    def handler(event, context):
        set_session_data((get_session_data() or 0) + 1)
        return {"statusCode": 200, "headers": {}}

A session is known by a token in a request header, and answers carry it in the header of the same name, with
`Cache-Control: no-store` in place of the handler's own, and `Vary`: a cache would give one visitor's session to the
next. It begins with its first value. Without a value a new client gets no token, and nothing is stored. Its data is one
value: JSON of any kind, with Decimals, sets and bytes in it. New code is better off with `session_store.web`. It reads
only when it has to, and two requests at once do not overwrite each other's changes.

The table is this project's, named by SESSION_LAMBDA_DYNAMODB_TABLE_NAME or else by TABLE_NAME. The token is made here:
a client's own id, or one made from a seed, would let a client choose or guess an id that another one will use, so
an unknown one gets a fresh session and there is no `use_session_id_from_seed`. There is no `init_session_store` either:
pass `store=`, in tests the fixture of `session_store.testing`.

Other differences from session-lambda 0.3.6:

- A token has 106 characters, an id has 43. The header's name may be in any case.
- A session lives for 400 days at most. An expired one is gone at once, not when DynamoDB deletes the item.
- Without `update` the calls after the first one write nothing.
- A call costs one call to DynamoDB, two if a value changed. session-lambda makes four.
- Floats are stored. Decimals come back as Decimals, other numbers and bytes unchanged, tuples as lists, frozensets as
  sets. A set may be empty and may mix texts, numbers, Decimals and bytes. A number may have any length. NaN and
  infinity are refused.
- A result gets the token if it has `statusCode` or `headers`. One that is not JSON stays as it is. The handler's own
  object is not changed.
- Each call has its own value. An exception leaves none behind. Outside a call `get_session_data` raises
  `NoCurrentSessionError`.
- A missing table, permission or a fault of DynamoDB is answered 503, and the log names it. If no variable names a
  table, the first call raises `SessionStoreNotSet`, which is also a `StoreConfigurationError`.
"""

from session_store.adapters.aws_lambda.session_lambda import (
    SessionStoreNotSet,
    get_session_data,
    session,
    set_session_data,
)

__all__ = ["SessionStoreNotSet", "get_session_data", "session", "set_session_data"]
