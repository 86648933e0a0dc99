"""The errors of signing in with a provider. No message has any part of a token, a code, a secret or a claim."""

from __future__ import annotations

from typing import Final

from session_store.errors import SessionStoreError, StoreUnavailableError

# RFC 6749, section 4.1.2.1, OpenID Connect Core, section 3.1.2.6, and Apple's own. Others are not repeated anywhere.
ERROR_CODES: Final = frozenset(
    {
        *("access_denied", "invalid_request", "invalid_scope", "server_error", "temporarily_unavailable"),
        *("unauthorized_client", "unsupported_response_type", "account_selection_required", "consent_required"),
        *("interaction_required", "login_required", "unmet_authentication_requirements", "user_cancelled_authorize"),
    }
)


class SignInError(SessionStoreError):
    """A sign-in with a provider has not succeeded. No session was made."""


class SignInNotBegunError(SignInError):
    """The provider's answer belongs to no sign-in that this browser has begun in the last 10 minutes, and not ended."""

    def __init__(self) -> None:
        super().__init__("this browser has begun no such sign-in in the last 10 minutes: sign in again")


class ProviderRefusedError(SignInError):
    """The provider has answered that the user is not signed in.

    Attributes:
        code: its error code, `other` for one that no standard has.
    """

    def __init__(self, code: str) -> None:
        self.code = code if code in ERROR_CODES else "other"
        super().__init__(f"the provider answered {self.code}")


class ProviderAnswerError(SignInError):
    """An answer of the provider is not acceptable: it is another one's, forged, used up or against the standard.

    Attributes:
        problem: the fault, for logs.
    """

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"the provider's answer is not acceptable: {problem}")


class StepUpNotMetError(SignInError):
    """The provider did not authenticate the user as recently, or as strongly, as the application asked for."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the step-up is not met: {problem}")


class SignInRefusedError(SignInError):
    """For `on_sign_in`: the application does not let this user in. Its message goes into the log alone."""


class LogoutTokenError(SessionStoreError):
    """A logout token is not good: it is forged, too old or another one's, or another kind of token. Nothing has ended.

    Attributes:
        problem: the fault, for logs.
    """

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"the logout token is not acceptable: {problem}")


class ProviderUnavailableError(StoreUnavailableError):
    """The provider could not be reached, or was too slow. Nothing is known to be valid. Fail closed."""
