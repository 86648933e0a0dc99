"""Which module of this package has a public name. It is apart from `__init__`, which every function loads."""

from __future__ import annotations

from typing import Final

MODULES: Final = {
    "Advice": "advice",
    "AwsSessions": "sessions",
    "ClientSettings": "client_settings",
    "EncryptedCredentials": "encrypted_credentials",
    "FanOutOptions": "targets",
    "Finding": "diagnosis",
    "Identity": "identity",
    "KmsKey": "file_keys",
    "OrganizationAccount": "organization",
    "Outcome": "fan_out",
    "PassPhrase": "file_keys",
    "RoleOptions": "roles",
    "Rotation": "access_keys",
    "Severity": "diagnosis",
    "StaticCredentials": "static_credentials",
    "WrongAccountError": "errors",
    "advice_for": "advice",
    "load_env_file": "env_files",
    "rotate_access_key": "access_keys",
}
