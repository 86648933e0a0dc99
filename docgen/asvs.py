"""The requirements of OWASP ASVS 5.0 on sessions: V7, V3.3 (cookies), V9 (self-contained tokens), V10 (OAuth).

Of V10 these are the sections on clients. Of the section on authorization servers they are those on refresh tokens, in
whose place an issuer of access tokens takes the session's.

ASVS is licensed CC BY-SA 4.0, so its texts are not repeated here. The words beside the numbers are ours, and short.
"""

from __future__ import annotations

from typing import Final

REQUIREMENTS: Final = {
    "3.3.1": "the cookie is Secure and has the prefix that requires it",
    "3.3.2": "SameSite fits what the cookie is for",
    "3.3.3": "the name begins with `__Host-`, so that only one host gets the cookie",
    "3.3.4": "scripts cannot read the cookie, and the browser gets the token only in it",
    "3.3.5": "the cookie stays under 4 KB",
    "7.1.1": "timeouts are documented, with reasons",
    "7.1.2": "documented: the number of parallel sessions, and the effect beyond it",
    "7.1.3": "documented: how sessions of several applications are related",
    "7.2.1": "only the back end validates tokens",
    "7.2.2": "tokens are created per session; no static keys",
    "7.2.3": "tokens are unguessable and unique",
    "7.2.4": "every sign-in makes a new token and ends the earlier session",
    "7.3.1": "an unused session ends",
    "7.3.2": "a session ends after its longest life, even in use",
    "7.4.1": "an ended session opens nothing",
    "7.4.2": "no session outlives its account",
    "7.4.3": "a user who changes how they sign in can end all other sessions",
    "7.4.4": "every page shows how to sign out",
    "7.4.5": "operators can end one customer's sessions, or all sessions",
    "7.5.1": "changing sign-in factors needs a recent sign-in",
    "7.5.2": "users see their sessions and, after a recent sign-in, end any of them",
    "7.5.3": "the most sensitive actions need another check",
    "7.6.1": "an application's session follows the lifetime and the end of its sign-in",
    "7.6.2": "no session starts without an action of the user",
    "9.1.1": "a signature is verified before the content counts",
    "9.1.2": "one asymmetric algorithm is allowed, and never `none`",
    "9.1.3": "keys come from an address that is configured, never from the token",
    "9.2.1": "a token counts only within its time",
    "9.2.2": "a token of another type is refused",
    "9.2.3": "a token for another audience is refused",
    "9.2.4": "each token is for one audience, which is configured",
    "10.1.1": "tokens go only to the components that need them",
    "10.1.2": "an answer counts only in the browser, and for the attempt, that began the sign-in",
    "10.2.1": "no other site can make the client ask for tokens",
    "10.2.2": "an answer of another provider is refused",
    "10.2.3": "only the scopes that are needed are asked for",
    "10.4.5": "a refresh token that was replaced and comes back ends all of its sign-in",
    "10.4.8": "a refresh token has an absolute end, however much it is used",
    "10.4.9": "users can revoke refresh tokens",
    "10.5.1": "an ID token of another sign-in is refused",
    "10.5.2": "a user is known by issuer and `sub`",
    "10.5.3": "metadata of another issuer is refused",
    "10.5.4": "an ID token for another client is refused",
    "10.5.5": "a logout of the provider is one in type, event and age, and no ID token",
}
