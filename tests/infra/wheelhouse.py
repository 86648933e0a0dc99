"""A folder of small wheels for uv and pip, in place of a registry, and the lock file that goes with it."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from session_store.cdk import wheels

NAME = "pyjwt"
_INFO = f"{NAME}-1.0.dist-info"
_BACKEND = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
_BUILDS = "from pathlib import Path\nPath({marker!r}).touch()\n"


class Wheelhouse:
    """All that uv, pip and `libraries_zip` find while a test runs. There is no network.

    Attributes:
        folder: the wheels.
        lock: the lock file, which accepts them.
        cache: the folder of the zips that are kept.
        built: exists once something has been built from sources.
    """

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "wheels"
        self.folder.mkdir()
        self.lock = folder / "lock.txt"
        self.built = folder / "built"
        self._environment = monkeypatch
        monkeypatch.setattr(wheels, "_LOCK", self.lock)
        for tool in ("UV", "PIP"):
            monkeypatch.setenv(f"{tool}_FIND_LINKS", str(self.folder))
        monkeypatch.setenv("UV_OFFLINE", "1")
        monkeypatch.setenv("UV_CACHE_DIR", str(folder / "uv"))
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        self.use_cache(folder / "cache")

    def use_cache(self, folder: Path) -> None:
        """Keep zips there from now on, as a machine does that has none yet."""
        self._environment.setenv("XDG_CACHE_HOME", str(folder))
        self.cache = wheels.cache_folder()
        self.forget()

    def forget(self) -> None:
        """Forget all that another process would not know."""
        wheels.libraries_zip.cache_clear()

    def add_wheel(self, tag: str) -> None:
        """A wheel whose module tells for what it was made: `cp313-cp313-manylinux_2_34_aarch64`."""
        files = {
            f"{NAME}/__init__.py": f"MADE_FOR = {tag!r}\n",
            f"{NAME}/__init__.pyi": "MADE_FOR: str\n",
            f"{NAME}/core.h": "int core;\n",
            f"{_INFO}/METADATA": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n",
            f"{_INFO}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: {tag}\n",
            f"{_INFO}/licenses/LICENSE": "Apache-2.0\n",
            f"{_INFO}/entry_points.txt": f"[console_scripts]\n{NAME} = {NAME}:main\n",
        }
        files[f"{_INFO}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{_INFO}/RECORD"))
        with zipfile.ZipFile(self.folder / f"{NAME}-1.0-{tag}.whl", "w") as wheel:
            for path, content in files.items():
                wheel.writestr(path, content)
        self._write_lock()

    def add_sources(self) -> None:
        """Sources, which anything that builds them would have run."""
        files = {
            f"{NAME}-1.0/pyproject.toml": _BACKEND,
            f"{NAME}-1.0/backend.py": _BUILDS.format(marker=str(self.built)),
            f"{NAME}-1.0/PKG-INFO": f"Metadata-Version: 2.1\nName: {NAME}\nVersion: 1.0\n",
        }
        with tarfile.open(self.folder / f"{NAME}-1.0.tar.gz", "w:gz") as archive:
            for path, content in files.items():
                member = tarfile.TarInfo(path)
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content.encode()))
        self._write_lock()

    def _write_lock(self) -> None:
        digests = [hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(self.folder.iterdir())]
        self.lock.write_text(f"{NAME}==1.0 \\\n" + " \\\n".join(f"    --hash=sha256:{each}" for each in digests) + "\n")
