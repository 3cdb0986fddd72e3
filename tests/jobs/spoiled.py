"""The ways in which tests spoil a town."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
from safetensors.numpy import load_file, save_file

from jobs import ingest_postings
from pipelines.publishing import artifacts
from pipelines.publishing.artifacts import pointed
from pipelines.publishing.lease import MAINTENANCE
from tests.jobs.conftest import NIGHT, Town


def conf(old: str, new: str, file: str = "town.toml") -> Callable[[Town], object]:
    """A replaced piece of the configuration."""

    def spoil(town: Town) -> None:
        text = (town.conf / file).read_text()
        assert old in text
        (town.conf / file).write_text(text.replace(old, new))

    return spoil


def added(text: str) -> Callable[[Town], object]:
    """A piece added to the configuration."""
    return lambda town: (town.conf / "town.toml").open("a").write(f"\n{text}\n")


def student(town: Town) -> str:
    return str(town.project / "var" / "models" / str(pointed(town.project / "var" / "models" / "current")))


def damage(path: str) -> None:
    with open(path, "r+b") as file:
        file.seek(os.path.getsize(path) // 2)
        file.write(b"\xff\xfe\xfd" * 500)


def resealed(change: Callable[[Path], object]) -> Callable[[Town], object]:
    """A student that was changed, with a manifest that is right for it."""

    def spoil(town: Town) -> None:
        folder = Path(student(town))
        manifest = artifacts.read_manifest(folder)
        change(folder)
        told = {name: getattr(manifest, name) for name in ("kind", "artifact_id", "dimension", "parents", "recipe")}
        (folder / artifacts.MANIFEST).unlink()
        artifacts.seal(folder, **told)

    return spoil


def ask_for_code(folder: Path) -> None:
    modules = json.loads((folder / "modules.json").read_text())
    (folder / "modules.json").write_text(json.dumps([*modules[:1], {**modules[1], "type": "evil.Evil"}]))


def forget_numbers(folder: Path) -> None:
    """Some texts have no vector: the steps of every third token are no numbers."""
    [weights] = folder.rglob("model.safetensors")
    tensors = load_file(weights)
    tensors["weights"] = np.where(np.arange(len(tensors["weights"])) % 3 == 0, np.nan, tensors["weights"]).astype(
        tensors["weights"].dtype
    )
    save_file(tensors, weights)


def damage_feed(town: Town) -> None:
    damage(str(next((town.project / "var" / "sample" / "postings").glob("*.parquet"))))


def hold(town: Town) -> None:
    (town.project / "var" / "runs").mkdir()
    claim = {"run_id": "r1", "host": "elsewhere", "pid": 1, "until": "2999-01-01T00:00:00+00:00"}
    (town.project / "var" / "runs" / f"{NIGHT}.lease").write_text(json.dumps(claim))


def look_after(town: Town) -> None:
    """Another job is changing the tables."""
    hold(town)
    runs = town.project / "var" / "runs"
    (runs / f"{NIGHT}.lease").rename(runs / MAINTENANCE)


def ingest(town: Town) -> None:
    """The run's first stage is finished."""
    assert town.run(ingest_postings.main) == 0


def finish_wrongly(town: Town) -> None:
    """The run's note on its first stage is cut short."""
    ingest(town)
    [note] = (town.project / "var" / "runs").glob("*/stages/ingest_postings.json")
    note.write_text(note.read_text()[:20])


def silent_about_consent(town: Town) -> None:
    """Postings search, and the source says of nobody whether they agree."""
    conf('open_to_recruiters = "findable"\n', "")(town)
    added("[retrieval]\nmembers_per_posting = 5")(town)


def without_sample(town: Town) -> None:
    """The environment no longer says that its feeds are generated."""
    text = (town.conf / "town.toml").read_text()
    start, end = text.index("[sample]"), text.index("[sources.postings.inputs")
    (town.conf / "town.toml").write_text(text[:start] + text[end:])


def without_interactions(town: Town) -> None:
    """Nobody says what members did."""
    text = (town.conf / "town.toml").read_text()
    start = text.index("[sources.interactions.inputs")
    (town.conf / "town.toml").write_text(text[:start] + text[text.index("[sources.saved_searches", start) :])


def without_searches(town: Town) -> None:
    """The environment has no saved searches."""
    text = (town.conf / "town.toml").read_text()
    start, end = text.index("[sources.saved_searches.inputs"), text.index("[distillation]")
    (town.conf / "town.toml").write_text(text[:start] + text[end:])


def no_rows(kind: str) -> Callable[[Town], object]:
    """A feed with its columns and nothing in it."""

    def spoil(town: Town) -> None:
        feed = town.project / "var" / "sample" / kind
        columns = pq.read_schema(next(feed.glob("*.parquet")))
        shutil.rmtree(feed)
        feed.mkdir()
        pq.write_table(columns.empty_table(), feed / "part.parquet")

    return spoil


WEIGHTS = "[ranking.weights]\nsimilarity = 0.95"
