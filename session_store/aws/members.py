"""Which module of this package has a public name. It is apart from `__init__`, which every function loads."""

from __future__ import annotations

from typing import Final

MODULES: Final = {
    "Advice": "advice",
    "AwsSessions": "sessions",
    "ClientSettings": "client_settings",
    "EncryptedCredentials": "encrypted_credentials",
    "Finding": "diagnosis",
    "KmsKey": "file_keys",
    "PassPhrase": "file_keys",
    "Rotation": "access_keys",
    "Severity": "diagnosis",
    "StaticCredentials": "static_credentials",
    "advice_for": "advice",
    "load_env_file": "env_files",
    "rotate_access_key": "access_keys",
}
