"""The files below a folder, by way of links, without those that are to stay out."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from session_store.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOP: Final = PurePosixPath("/")
TAKE_IN: Final = "!"


class Tree:
    """A folder of an application's sources.

    Args:
        folder: the folder.
        root: links lead into this folder or are refused. One to another place could take secrets along.
        left_out: patterns of what stays out, see `code_with_library`.
    """

    def __init__(self, folder: Path, root: Path, left_out: tuple[str, ...]) -> None:
        self._folder = folder
        self._root = root.resolve()
        self._left_out = left_out

    def files(self) -> Iterator[tuple[str, Path]]:
        """Each file, after its path in the folder (POSIX).

        Raises:
            InvalidInputError: a link leads out of the root, to nothing, or around in a circle.
        """
        return self._below(self._folder, _TOP, (self._folder.resolve(),))

    def _below(self, folder: Path, place: PurePosixPath, around: tuple[Path, ...]) -> Iterator[tuple[str, Path]]:
        """The files of one folder in the tree, with the places of all the folders that it is in."""
        for path in folder.iterdir():
            name = place / path.name
            if self._stays_out(name):
                continue
            if path.is_symlink():
                self._check_link(path, name, around)
            if path.is_dir():
                yield from self._below(path, name, (*around, path.resolve()))
            elif path.is_file():
                yield str(name.relative_to(_TOP)), path

    def _stays_out(self, name: PurePosixPath) -> bool:
        found = [pattern for pattern in self._left_out if name.match(pattern.removeprefix(TAKE_IN))]
        return bool(found) and not found[-1].startswith(TAKE_IN)

    def _check_link(self, path: Path, name: PurePosixPath, around: tuple[Path, ...]) -> None:
        try:
            target = path.resolve(strict=True)
        except (OSError, RuntimeError):  # which of them a link to itself is depends on Python's version
            raise _refused("leads to nothing", name) from None
        if target in around:
            raise _refused("leads around in a circle", name)
        if not target.is_relative_to(self._root):
            raise _refused("leads out of the folder; links_into= names one that it may lead into", name)


def _refused(problem: str, name: PurePosixPath) -> InvalidInputError:
    return InvalidInputError("folder", f"has a link that {problem}", value=str(name.relative_to(_TOP)))
