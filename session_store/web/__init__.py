"""Sessions for Lambda handlers behind an HTTP API, a REST API or a function URL.

    from session_store.web import current_session, session

    @session
    def handler(event, context):
        visits = current_session().increment("visits")
        return {"statusCode": 200, "body": f"visit {visits}"}

The session is read when it is first touched, and what changed in it is saved when the handler has succeeded.
"""

from session_store.web.authorizer import Authorizer, Decision, authorizer_handler
from session_store.web.current import current_session
from session_store.web.decorator import session
from session_store.web.handle import SessionHandle

__all__ = ["Authorizer", "Decision", "SessionHandle", "authorizer_handler", "current_session", "session"]
