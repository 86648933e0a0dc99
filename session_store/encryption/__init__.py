"""Encryption of sessions' data before it gets to the table (extra `encryption`).

    from session_store import SessionStore
    from session_store.encryption import Encryption, KmsKeyring

    encryption = Encryption(KmsKeyring("arn:aws:kms:eu-central-1:111122223333:key/..."), store_id="shop")
    store = SessionStore("sessions", encryption=encryption)

Each value is encrypted with AES-256-GCM under a data key. There is one data key a week. The table holds it, wrapped by
the keyring. A process asks the keyring once for each data key that it meets.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from session_store.encryption.config import Encryption
    from session_store.encryption.keyrings import FernetKeyring, KmsKeyring
else:

    def __getattr__(name: str) -> Any:  # noqa: ANN401 - any member
        """Load a member when it is first asked for: constructs need the settings alone."""
        if name not in __all__:
            raise AttributeError(name)
        module = "config" if name == "Encryption" else "keyrings"
        return getattr(import_module(f"{__name__}.{module}"), name)

    def __dir__() -> list[str]:
        return __all__


__all__ = ["Encryption", "FernetKeyring", "KmsKeyring"]
