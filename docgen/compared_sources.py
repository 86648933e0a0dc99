"""The files of other projects that `docs/compared.md` was written from, each at the commit that was read."""

from __future__ import annotations

from typing import Final, NamedTuple

from docgen.markdown import table

_HOST: Final = "https://github.com"


class _Project(NamedTuple):
    """A project that is compared.

    Attributes:
        name: as the page calls it.
        repository: owner and name.
        commit: the commit that was read.
        files: what the page says, and the file that it was read in.
    """

    name: str
    repository: str
    commit: str
    files: tuple[tuple[str, str], ...]


_PROJECTS: Final = (
    _Project(
        "session-lambda",
        "roy-pstr/session-lambda",
        "ac4a81a3c6e466c2cff5c57bbb6d8a8b635a2ae1",
        (
            ("the reader makes the table", "README.md"),
            ("an unknown id is used for the new session; a header in place of a cookie", "session_lambda/session.py"),
            (
                "the key of the item, writes without a condition, reads without `ConsistentRead`, no check of `ttl`",
                "session_lambda/store/dynamodb_store.py",
            ),
            ("a store has `get` and `put`", "session_lambda/store/base.py"),
        ),
    ),
    _Project(
        "Flask-Session",
        "pallets-eco/flask-session",
        "bc2fe67958bff5e46023c4807b5e75ca350554eb",
        (
            ("the stores and their settings", "docs/config_reference.rst"),
            (
                "an unknown id gets a new one; `regenerate` deletes the old row; `modified`",
                "src/flask_session/base.py",
            ),
            (
                "the item's key, expiry at reads, no condition, no `ConsistentRead`, the table made at the start",
                "src/flask_session/dynamodb/dynamodb.py",
            ),
            ("when to call `regenerate`; cookie settings", "docs/security.rst"),
        ),
    ),
    _Project(
        "connect-dynamodb",
        "ca98am79/connect-dynamodb",
        "eeeb8d384fd71e7571f6c586bee0813b3e9d7702",
        (
            ("the policy has CreateTable and Scan", "README.md"),
            (
                "the item's key, `expires` at reads, consistent reads, no condition, the table made at first use",
                "lib/connect-dynamodb.js",
            ),
        ),
    ),
    _Project(
        "SuperTokens",
        "supertokens/supertokens-core",
        "0c1739bf43a49d0c4a4892ca3f49cd3303ad28ad",
        (
            ("multi-factor authentication", "README.md"),
            ("lifetimes of the tokens; 30 seconds for the token before", "config.yaml"),
            (
                "a save replaces the whole session data",
                "src/main/java/io/supertokens/webserver/api/session/SessionDataAPI.java",
            ),
            (
                "one, several or all sessions of a user end",
                "src/main/java/io/supertokens/webserver/api/session/SessionRemoveAPI.java",
            ),
            (
                "SHA-256 twice, new tokens at a sign-in, theft, checks that ask the database, the anti-CSRF token",
                "src/main/java/io/supertokens/session/Session.java",
            ),
        ),
    ),
    _Project(
        "Kratos",
        "ory/kratos",
        "b86338da04a040247a07f46100a86dcfb3875909",
        (
            ("the databases", "README.md"),
            ("a lifespan of 24 hours, `SameSite=Lax`", "driver/config/config.go"),
            ("which sessions can end; an administrator extends one", "session/handler.go"),
            ("privileged sessions, CSRF tokens", "session/manager_http.go"),
            ("the token's column; an extension keeps the token", "persistence/sql/persister_session.go"),
            ("a random token for a new session; no data of the application", "session/session.go"),
        ),
    ),
    _Project(
        "better-auth",
        "better-auth/better-auth",
        "451aa4b6e57c9d4989bebc61ebb0892510e8a14e",
        (
            ("a new session gets a new token", "packages/better-auth/src/db/internal-adapter.ts"),
            ("the community adapters", "docs/lib/community-adapters-data.ts"),
            ("an extension keeps the token", "packages/better-auth/src/api/routes/session.ts"),
            (
                "`Origin`, Fetch Metadata, `SameSite=Lax`, rate limits",
                "docs/content/docs/reference/security.mdx",
            ),
            (
                "the table, timeouts, declared fields, which sessions can end, fresh sessions, the cookie cache",
                "docs/content/docs/concepts/session-management.mdx",
            ),
        ),
    ),
)


def sources() -> str:
    """A row for each file, with what was read in it."""
    return table(
        ("project", "says", "file"),
        (
            (project.name, said, f"[{path}]({_HOST}/{project.repository}/blob/{project.commit}/{path})")
            for project in _PROJECTS
            for said, path in project.files
        ),
    )
