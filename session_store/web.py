"""Sessions for Lambda handlers behind an HTTP API, a REST API or a function URL.

    from session_store.web import current_session, session

    @session
    def handler(event, context):
        visits = current_session().increment("visits")
        return {"statusCode": 200, "body": f"visit {visits}"}

The session is read when it is first touched, and what changed in it is saved when the handler has succeeded.
"""

from typing import TYPE_CHECKING, Any

from session_store.adapters.aws_lambda.decorator import session
from session_store.adapters.aws_lambda.user_agent import client_of
from session_store.kernel.current import current_session
from session_store.kernel.handle import SessionHandle

if TYPE_CHECKING:
    from session_store.adapters.aws_lambda.authorizer import Authorizer, Decision, authorizer_handler
    from session_store.adapters.aws_lambda.on_problem import Problem
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the module defines
        """Load the authorizer and problems when they are first asked for: a decorated handler starts without them."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from session_store.adapters.aws_lambda import authorizer, on_problem  # noqa: PLC0415 - that is the point

        return getattr(on_problem if name == "Problem" else authorizer, name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = [
    "Authorizer",
    "Decision",
    "Problem",
    "SessionHandle",
    "authorizer_handler",
    "client_of",
    "current_session",
    "session",
]
