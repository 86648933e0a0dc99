"""Makes clients of the OpenAPI documents, checks the types of what calls them, and runs that."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local.locked_environment import locked_environment
from local.paths import ROOT, WORK, tool_environment

HERE: Final = Path(__file__).parent
_PROGRAMS: Final = (ROOT / "node_modules" / ".bin", WORK / "clients-venv" / "bin")
_SIGNING: Final = ROOT / "examples" / "generated_clients"
_LOOPBACK: Final = HERE / "loopback"
_JAVA_FOR_SECONDS: Final = "-XX:TieredStopAtLevel=1"  # a third less CPU time: it compiles less of what runs once
# The name of each client, and the document that it is made of.
DOCUMENTS: Final = {
    "session_store": ROOT / "docs" / "openapi.json",
    "user_routes": ROOT / "docs" / "openapi-user.json",
}
# The code that was generated is its generator's matter; what it says of its types is checked in the caller.
_MYPY: Final = """\
[mypy]
strict = True
[mypy-session_store_client.*,user_routes_client.*]
follow_imports = silent
"""


@dataclass(frozen=True)
class Generator:
    """A generator of clients.

    Attributes:
        name: as in the name of its tour.
        language: `py` or `ts`.
        command: makes the client of a document, where `{document}` and `{client}` stand for both.
        environment: of Python, where the generator has one of its own.
    """

    name: str
    language: str
    command: Sequence[str]
    environment: str = ""

    @property
    def tour(self) -> Path:
        """The program that calls every route."""
        return HERE / f"tour_{self.name}.{self.language}"

    def make(self, folder: Path) -> None:
        """Put the tour into a folder, and both clients beside it."""
        signing = [file for file in _SIGNING.iterdir() if file.suffix == self.tour.suffix]
        for file in (self.tour, HERE / "tsconfig.json", *signing):
            shutil.copy(file, folder)
        (folder / "node_modules").symlink_to(ROOT / "node_modules")
        (folder / "mypy.ini").write_text(_MYPY)
        if self.environment:
            locked_environment(self.environment, python_versions=">=3.11")
        with ThreadPoolExecutor(len(DOCUMENTS)) as pool:
            list(pool.map(lambda client: run(*self.filled(DOCUMENTS[client], client), cwd=folder), DOCUMENTS))

    def filled(self, document: str | Path, client: str) -> list[str]:
        """The command for one client."""
        return [part.format(document=document, client=client) for part in self.command]

    def check_types(self, folder: Path) -> None:
        """Strictly, in the tour and in what signs its requests; TypeScript is compiled at that."""
        if self.language == "py":
            run("mypy", "--cache-dir", WORK / "cache" / "mypy-clients", self.tour.name, cwd=folder)
        else:
            run("tsc", "--project", ".", cwd=folder)

    def call_every_route(self, folder: Path, *places: str, **keys: str) -> None:
        """Run the tour: the URLs of both APIs, and the region."""
        if self.language == "py":
            run("python", "-W", "error", self.tour.name, *places, cwd=folder, PYTHONPATH=str(_LOOPBACK), **keys)
        else:
            compiled = folder / "compiled" / f"{self.tour.stem}.js"
            run("node", _LOOPBACK / "run.mjs", compiled, *places, cwd=folder, **keys)


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    """Run a program that has to succeed; what it prints."""
    env = tool_environment(WORK / "home")
    env |= {"PATH": os.pathsep.join([env["PATH"], *map(str, _PROGRAMS)]), "JAVA_OPTS": _JAVA_FOR_SECONDS}
    program = str(shutil.which(command[0], path=env["PATH"]))
    done = subprocess.run(
        [program, *command[1:]],
        cwd=cwd,
        env=env | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


OPENAPI_PYTHON_CLIENT: Final = Generator(
    "openapi_python_client",
    "py",
    (
        *("openapi-python-client", "generate", "--path", "{document}", "--meta", "none"),
        *("--output-path", "{client}_client", "--fail-on-warning"),
    ),
)
OPENAPI_GENERATOR: Final = Generator(
    "openapi_generator",
    "py",
    (
        *("openapi-generator-cli", "generate", "--generator-name", "python", "--input-spec", "{document}"),
        *("--output", ".", "--package-name", "{client}_client"),
        *("--additional-properties", "generateSourceCodeOnly=true"),
    ),
    environment="clients",
)
OPENAPI_FETCH: Final = Generator(
    "openapi_fetch", "ts", ("openapi-typescript", "{document}", "--output", "openapi_fetch/{client}.ts")
)
HEY_API: Final = Generator(
    "hey_api",
    "ts",
    ("openapi-ts", "--silent", "--no-log-file", "--input", "{document}", "--output", "hey_api/{client}"),
)
