"""A handler written for session-lambda: only the import has changed."""

from typing import Any

from session_store.session_lambda import get_session_data, session, set_session_data


@session(id_key_name="session-id", update=True, ttl=3600)
def lambda_handler(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 - Lambda's signature
    """Count the calls of each client."""
    set_session_data((get_session_data() or 0) + 1)
    return {"statusCode": 200, "headers": {}, "body": str(get_session_data())}


if __name__ == "__main__":
    request = {"version": "2.0", "requestContext": {"http": {"method": "GET"}}, "headers": {}}
    first = lambda_handler(request, None)  # a client's first call: the response has its token
    token = first["headers"]["session-id"]
    second = lambda_handler({**request, "headers": {"Session-Id": token}}, None)
    another = lambda_handler(request, None)
    print(first["body"], second["body"], another["body"])  # 1 2 1
