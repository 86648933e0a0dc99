"""Libraries with compiled code for functions that need them: wheels for Lambda's platform, not for this machine's.

They are installed in the versions, and with the hashes, of the lock file beside this module. No Docker is needed, and
nothing is built from sources. Files that no function reads are left out. The rest is zipped once for each platform and
kept in the user's cache, so that only the first synthesis needs a network.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from enum import StrEnum
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from session_store.cdk.archive import zipped
from session_store.cdk.installer import InstallError, install
from session_store.errors import InvalidInputError, SessionStoreError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from session_store.cdk.platforms import Platform

_LOCK: Final = Path(__file__).with_suffix(".txt")
_KEY_LENGTH: Final = 16
_CHECKSUM_LENGTH: Final = 32
_LEVEL: Final = 6


class Libraries(StrEnum):
    """Libraries that a function's zip can hold.

    Attributes:
        CRYPTOGRAPHY: to sign and to encrypt.
        JWT: PyJWT, and cryptography for it.
        VALKEY: the client of Valkey and Redis.
    """

    CRYPTOGRAPHY = "cryptography"
    JWT = "jwt"
    VALKEY = "valkey"


# The packages of the lock file that belong to each.
_PACKAGES: Final[Mapping[Libraries, frozenset[str]]] = {
    Libraries.CRYPTOGRAPHY: frozenset({"cffi", "cryptography"}),
    Libraries.JWT: frozenset({"cffi", "cryptography", "pyjwt"}),
    Libraries.VALKEY: frozenset({"async-timeout", "valkey"}),
}


class LibrariesUnavailableError(SessionStoreError):
    """Wheels cannot be installed: there is no network, or neither uv nor pip, or they are not the locked ones."""


@cache
def libraries_zip(libraries: frozenset[Libraries], platform: Platform) -> bytes:
    """A zip of libraries for a platform: from the cache, or installed and put there.

    Safe with several processes at once. The cache holds whole zips alone.

    Args:
        libraries: which ones.
        platform: of the function that imports them.

    Raises:
        LibrariesUnavailableError: they are not in the cache, and cannot be installed.
    """
    names = "-".join(sorted(libraries))
    file = cache_folder() / f"{names}-{platform.runtime}-{platform.architecture}-{_key(libraries, platform)}"
    if archive := _kept(file):
        return archive
    try:
        archive = zipped(_installed(libraries, platform), level=_LEVEL)
    except InstallError as error:
        raise LibrariesUnavailableError(
            f"the wheels of {names} for {platform} cannot be installed: {error}. One synthesis with a network fills"
            f" {cache_folder()}. Without one, set bundle_libraries=False and give layers that have them."
        ) from None
    with suppress(OSError):  # a home that cannot be written: each synthesis installs them
        _keep(archive, file)
    return archive


def check_libraries(value: Collection[Libraries]) -> frozenset[Libraries]:
    """A function's prop `libraries`."""
    if isinstance(value, str) or not all(isinstance(each, Libraries) for each in value):
        raise InvalidInputError("libraries", "must be a set of Libraries, for instance {Libraries.JWT}", value=value)
    return frozenset(value)


def cache_folder() -> Path:
    """The folder of the zips. A new lock file, another platform, and another version of this module have their own."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "session-store"


def _key(libraries: frozenset[Libraries], platform: Platform) -> str:
    parts = (_requirements(libraries), str(platform.tags), Path(__file__).read_text(encoding="utf-8"))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_KEY_LENGTH]


def _kept(file: Path) -> bytes:
    """A zip that was kept, nothing if there is none or it is damaged."""
    with suppress(OSError):
        content = file.read_bytes()
        checksum, archive = content[:_CHECKSUM_LENGTH], content[_CHECKSUM_LENGTH:]
        if checksum == hashlib.sha256(archive).digest():
            return archive
    return b""


def _keep(archive: bytes, file: Path) -> None:
    """Keep a zip, behind its checksum."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix=".", dir=file.parent, delete=False) as staging:
        staging.write(hashlib.sha256(archive).digest() + archive)
    Path(staging.name).replace(file)


def _requirements(libraries: frozenset[Libraries]) -> str:
    """The lines of the lock file for these libraries."""
    wanted = frozenset[str]().union(*map(_PACKAGES.__getitem__, libraries))
    blocks = re.split(r"\n(?=\w)", _LOCK.read_text(encoding="utf-8"))
    return "\n".join(block for block in blocks if block.partition("==")[0] in wanted)


def _installed(libraries: frozenset[Libraries], platform: Platform) -> dict[str, bytes]:
    """The files that a function needs of the wheels: path in the archive (POSIX, sorted) to content."""
    with tempfile.TemporaryDirectory(prefix="session-store-") as folder:
        requirements, target = Path(folder, "requirements.txt"), Path(folder, "installed")
        requirements.write_text(_requirements(libraries), encoding="utf-8")
        install(requirements, platform, target)
        paths = {path.relative_to(target).as_posix(): path for path in target.rglob("*") if path.is_file()}
        return {name: paths[name].read_bytes() for name in sorted(paths) if _is_needed(name)}


def _is_needed(path: str) -> bool:
    """Neither stubs, headers and scripts, nor cffi's own modules, which are for builds: cryptography uses its core.

    Of what installers write about a package, its licences stay, and the metadata by which scanners know it.
    """
    top, _, rest = path.partition("/")
    if top.endswith(".dist-info"):
        return rest == "METADATA" or rest.startswith("licenses/")
    return top != "cffi" and PurePosixPath(path).suffix in {".py", ".so"}
