"""Kernel: whether the files of a table are there as they were written, said before anything is made of them."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from pydantic import TypeAdapter, ValidationError
from pyiceberg.manifest import DataFile

from pipelines.publishing.artifacts import write_json
from schemas.errors import ArtifactError, listed

_END = b"PAR1"  # the last bytes of every Parquet file: a torn one has others


@dataclass(frozen=True)
class Staged:
    """What a run has staged for a table: a folder, and the names of the files in it that count."""

    folder: str
    files: list[str]


_STAGED = TypeAdapter(Staged)


def name_staged(note: Path, folder: Path, files: Iterable[str]) -> None:
    """The staged rows are those of these files of the folder, whatever else a task that was tried again leaves."""
    write_json(note, asdict(Staged(folder.name, sorted(files))))


def staged_files(note: Path, folder: Path) -> list[Path] | None:
    """The files that the note names, below `folder`; None where nothing was ever staged.

    Raises:
        ArtifactError: the note is damaged, or files are missing or torn; all are listed.
    """
    if not note.exists():
        return None
    try:
        staged = _STAGED.validate_json(note.read_bytes())
    except ValidationError:
        raise ArtifactError(f"{note} is damaged; give jobs.run_nightly a new --attempt") from None
    paths = [folder / staged.folder / file for file in staged.files]
    wrong = [f"{path}: {problem}" for path in paths if (problem := _problem(path))]
    if wrong:
        raise ArtifactError(listed("staged rows are damaged; give jobs.run_nightly a new --attempt:", wrong))
    return paths


def check_published(files: Iterable[DataFile]) -> None:
    """Pass when each file that the catalog names is there in its size; those of a remote store are not looked at.

    Raises:
        ArtifactError: some are not; all are listed.
    """
    wrong = []
    for file in files:
        path = local(file.file_path)
        if not path.is_absolute():  # a URI of another store
            continue
        if not path.is_file():
            wrong.append(f"{path}: missing")
        elif path.stat().st_size != file.file_size_in_bytes:
            wrong.append(f"{path}: {path.stat().st_size:,} bytes, not {file.file_size_in_bytes:,}")
    if wrong:
        raise ArtifactError(listed("published rows are damaged; put the files back from a backup:", wrong))


def local(name: str) -> Path:
    """The path of a file that a table names by path or by URI.

    >>> str(local("file:///a%20b/c")), str(local("/a b/c"))
    ('/a b/c', '/a b/c')
    """
    return Path(unquote(urlparse(name).path)) if name.startswith("file:") else Path(name)


def _problem(path: Path) -> str | None:
    if not path.is_file():
        return "missing"
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - len(_END)))
        return None if file.read() == _END else "torn"
