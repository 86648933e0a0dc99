"""An import from a file, which goes on where it was stopped: a note beside the file says how far it got."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from session_store.whole_table.importing import USUAL, Choices, Import, Imported, Place, read_place
from session_store.whole_table.progress import OnProgress, unwatched

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from session_store.whole_table.import_lines import LineProblem
    from session_store.whole_table.table import Table

_SUFFIX: Final = ".progress"


class Note:
    """The file beside an export that says how far its import into one table got.

    Args:
        path: of the export.
        about: of the import. A note about another one counts as none.
    """

    def __init__(self, path: Path, **about: object) -> None:
        self._path = path.with_name(path.name + _SUFFIX)
        self._about = {name: str(value) for name, value in about.items()}

    def read(self) -> Place:
        """The place, the beginning where there is no note of this import."""
        with suppress(OSError, ValueError, TypeError):
            noted: Any = json.loads(self._path.read_text(encoding="utf-8"))
            if noted["about"] == self._about:
                return read_place(noted["place"])
        return Place()

    def write(self, place: Place) -> None:
        """Note a place. If the folder takes no file, a stopped import begins anew, which does no harm."""
        part = self._path.with_name(self._path.name + ".part")
        with suppress(OSError):
            part.write_text(json.dumps({"about": self._about, "place": str(place)}), encoding="utf-8")
            part.replace(self._path)

    def delete(self) -> None:
        """Forget the place: the import is done."""
        self._path.unlink(missing_ok=True)


def import_file(
    table: Table,
    path: Path,
    choices: Choices = USUAL,
    place: Place | None = None,
    *,
    on_problem: Callable[[LineProblem], object] = lambda _: None,
    on_progress: OnProgress = unwatched,
) -> Imported:
    """Import an export from a file.

    Args:
        table: to create rows in.
        path: of the export, plain or compressed.
        choices: of the operator.
        place: where to go on. By default what the note says.
        on_problem: called with each line that is skipped.
        on_progress: called now and then.

    Raises:
        InvalidInputError: the file is no export, of a newer version, or has no secrets and is to be revived.
        OSError: the file cannot be read.
        StoreUnavailableError: a fault lasted. The next import of the file goes on.
    """
    size = path.stat().st_size
    note = Note(path, table=table.describe().identity, revive=choices.revive, size=size)
    begin = place or note.read()
    work = Import(
        table,
        lambda: path.open("rb"),
        choices,
        begin,
        on_problem=on_problem,
        on_place=note.write,
        on_progress=on_progress,
    )
    result = work.run()
    note.delete()
    return result
