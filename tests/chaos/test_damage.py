"""Files of the store are torn, changed or gone when the night goes on."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipelines.publishing.artifacts import pointed
from tests.chaos.readers import BEFORE
from tests.chaos.world import TONIGHT, YESTERDAY, World

pytestmark = pytest.mark.timeout(2400)


@dataclass(frozen=True)
class Damage:
    """What becomes of which file or folder, and how the night answers."""

    what: str
    find: Callable[[World], Path]
    spoil: Callable[[Path], object]
    code: int
    message: str
    readable: bool = True  # whether readers can read while it lasts


def tear(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def overwrite(path: Path) -> None:
    """A third of the bytes, in the middle."""
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(size // 3)
        file.write(os.urandom(size // 3))


def behead(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(os.urandom(100))


def empty(path: Path) -> None:
    path.write_bytes(b"")


def largest(folder: Path, pattern: str) -> Path:
    return max(folder.rglob(pattern), key=lambda path: path.stat().st_size)


def staged(table: str) -> Callable[[World], Path]:
    return lambda world: largest(world.staged(table), "*.parquet")


def published(table: str, date: str = YESTERDAY) -> Callable[[World], Path]:
    folder = f"run={date}-*"
    return lambda world: largest(next((world.var / "warehouse" / "recs" / table).glob(folder)), "*.parquet")


def run(name: str) -> Callable[[World], Path]:
    return lambda world: next(world.var.glob(f"runs/{TONIGHT}-*/{name}"))


def index(name: str, date: str = TONIGHT) -> Callable[[World], Path]:
    return lambda world: largest(next((world.var / "indexes").glob(f"{date}-*")), name)


def catalog(world: World) -> Path:
    return world.var / "catalog.db"


def metadata(world: World) -> Path:
    """What the catalog says the table is."""
    folder = world.var / "warehouse" / "recs" / "recommendations" / "metadata"
    return max(folder.glob("*.metadata.json"), key=lambda path: path.name)


def student(name: str) -> Callable[[World], Path]:
    models = "models"
    return lambda world: largest(world.var / models / str(pointed(world.var / models / "current")), name)


BEFORE_PUBLISHING = (
    Damage("a staged file is torn", staged("recommendations"), tear, 5, "torn"),
    Damage("a staged file is gone", staged("recommendations"), Path.unlink, 5, "missing"),
    Damage("a staged file of the first stage is gone", staged("postings"), Path.unlink, 5, "missing"),
    Damage("all staged files of a table are gone", lambda world: world.staged("matches"), shutil.rmtree, 5, "missing"),
    Damage("the note on a staged table is gone", run("staged/members"), Path.unlink, 5, "has no staged table members"),
    Damage("the note on a staged table is torn", run("staged/members"), tear, 5, "is damaged"),
    Damage("the note on a finished stage is torn", run("stages/rank.json"), tear, 5, "is damaged; remove it"),
    Damage("the lease is an empty file", lambda world: world.lease, empty, 5, "is damaged; make sure"),
    Damage("the catalog's first bytes are overwritten", catalog, behead, 5, "cannot be opened", readable=False),
    Damage("the catalog's middle is overwritten", catalog, overwrite, 5, "the catalog", readable=False),
    Damage("the catalog is torn", catalog, tear, 5, "the catalog", readable=False),
    Damage("the catalog is gone", catalog, Path.unlink, 5, "is gone, while its tables are there", readable=False),
    Damage("the metadata of a table is torn", metadata, tear, 5, "recommendations", readable=False),
    Damage("the metadata of a table is gone", metadata, Path.unlink, 5, "recommendations", readable=False),
)
BEFORE_MATCHING = (
    Damage("a shard of tonight's index is overwritten", index("vectors.npy"), overwrite, 5, "is damaged"),
    Damage("a shard of tonight's index is gone", lambda w: index("vectors.npy")(w).parent, shutil.rmtree, 5, "missing"),
    Damage("the manifest of tonight's index is torn", index("manifest.json"), tear, 5, "is broken"),
    Damage("published vectors are torn", published("member_embeddings"), tear, 5, "bytes, not", readable=False),
    Damage("published vectors are gone", published("member_embeddings"), Path.unlink, 5, "missing", readable=False),
    Damage("a staged file is gone", staged("members"), Path.unlink, 5, "missing"),
)
BEFORE_ALL = (
    Damage("the student's weights are overwritten", student("model.safetensors"), overwrite, 5, "changed since"),
    Damage("the student's manifest is torn", student("manifest.json"), tear, 5, "is broken"),
)


@pytest.mark.usefixtures("halfway")
@pytest.mark.parametrize(
    ("copy", "damages"),
    [("audit", BEFORE_PUBLISHING), ("index", BEFORE_MATCHING), ("before", BEFORE_ALL)],
    ids=["all but publish is done", "the index is built", "nothing is done"],
)
def test_damage_is_refused_and_when_it_is_mended_the_night_goes_on(prepared, world, faults, request, copy, damages):
    world.restore(copy)
    kind, points = f"Damage found when {request.node.callspec.id}", []
    for damage in damages:
        with faults.meet(kind, damage.what) as point:
            path = damage.find(world)
            damage.spoil(path)
            code, said = world.run()
            if damage.readable:
                assert prepared.readers() == BEFORE
            if path.is_relative_to(world.var / "runs") and path.suffix == ".lease":
                path.unlink()
            else:
                world.mend(copy, path)
            point.readers = prepared.readers() + ("" if damage.readable else ", once it is mended")
            point.answer = f"ends with {code}: {told(said)}"
            assert (code, damage.message in said) == (damage.code, True), said[-2000:]
            points.append(point)
    code, said = world.run()
    assert code == 0, said
    for point in points:
        point.end = prepared.check_end()


def told(said: str) -> str:
    """The message's first words, without paths."""
    line = next((line for line in reversed(said.splitlines()) if '"exit_code"' in line), "a traceback")
    return "ArtifactError" if "ArtifactError" in line else line[:60]


@pytest.mark.parametrize(
    ("what", "find", "spoil"),
    [
        ("a shard of yesterday's index is overwritten", index("vectors.npy", YESTERDAY), overwrite),
        ("yesterday's manifest of an index is torn", index("manifest.json", YESTERDAY), tear),
        ("a published file of yesterday is gone", published("matches"), Path.unlink),
    ],
    ids=["shard", "manifest", "published"],
)
def test_damage_to_yesterday_does_not_keep_tonight_from_its_readers(prepared, world, faults, what, find, spoil):
    with faults.meet("Damage to yesterday", what) as point:
        path = find(world)
        spoil(path)
        code, said = world.run()
        assert code == 0, said
        world.mend("before", path)
        point.readers = prepared.readers()
        point.answer, point.end = "ends with 0", prepared.check_end()
