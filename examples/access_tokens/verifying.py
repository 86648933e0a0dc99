"""A service that accepts access tokens: who is calling, and what may they do?"""

from datetime import timedelta

from session_store import InvalidTokenError, StoreUnavailableError
from session_store.jwt import InsufficientScopeError, verify

ISSUER = "https://api.example.com"


def status_of(authorization: str) -> int:
    """The status that a request to read orders gets, by its header `Authorization`."""
    try:
        token = verify(
            authorization.removeprefix("Bearer "),
            issuer=ISSUER,
            audience="orders",
            scopes=["orders:read"],
            leeway=timedelta(seconds=10),
        )
    except InvalidTokenError:
        return 401
    except InsufficientScopeError:
        return 403
    except StoreUnavailableError:  # the keys cannot be read: nothing is known to be valid
        return 503
    print(token.customer_id, token.session_id, token.claims.get("tier"))
    return 200
