"""Kernel: which stages of a run are finished, so that a rerun does only what is left."""

import datetime
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pipelines.publishing.artifacts import replace_text
from schemas.errors import ArtifactError

log = logging.getLogger("nightmatch")


@dataclass(frozen=True)
class Counts:
    """What a stage says of itself when it has finished."""

    rows_in: int | None = None
    rows_out: int | None = None
    rows_rejected: int | None = None
    notes: dict[str, str] = field(default_factory=dict)  # ids that later stages need


@dataclass(frozen=True)
class Finished:
    """One finished stage."""

    stage: str
    started_at: datetime.datetime
    seconds: float
    counts: Counts
    outcome: str  # done, reused


_FINISHED = TypeAdapter(Finished)


@dataclass(frozen=True)
class Progress:
    """The finished stages of one run, one file each."""

    folder: Path

    def once(self, stage: str, work: Callable[[], Counts]) -> Finished:
        """The stage, finished: by an earlier try of this run, or by `work` now."""
        earlier = self.find(stage)
        if earlier is not None:
            log.info("%s: done before in this run, reused", stage)
            return replace(earlier, outcome="reused")
        log.info("%s: started", stage)
        started_at, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
        counts = work()
        finished = Finished(stage, started_at, round(time.monotonic() - clock, 3), counts, "done")
        replace_text(self._file(stage), _FINISHED.dump_json(finished, indent=2).decode())
        log.info("%s: done in %.1f s, %s", stage, finished.seconds, _in_words(counts))
        return finished

    def find(self, stage: str) -> Finished | None:
        """The stage if it has finished in this run.

        Raises:
            ArtifactError: its file is damaged.
        """
        path = self._file(stage)
        if not path.exists():
            return None
        try:
            return _FINISHED.validate_json(path.read_bytes())
        except ValidationError:
            raise ArtifactError(f"{path} is damaged; remove it, and the stage runs again") from None

    def need(self, stage: str) -> Finished:
        """The finished stage.

        Raises:
            ArtifactError: it has not finished in this run.
        """
        finished = self.find(stage)
        if finished is None:
            raise ArtifactError(f"stage {stage} of this run has not finished; run its job, or jobs.run_nightly, first")
        return finished

    def all(self) -> list[Finished]:
        """Every finished stage, in the order of their starts."""
        stages = [self.need(path.stem) for path in self.folder.glob("*.json")]
        return sorted(stages, key=lambda finished: finished.started_at)

    def _file(self, stage: str) -> Path:
        return self.folder / f"{stage}.json"


def _in_words(counts: Counts) -> str:
    rows = {"in": counts.rows_in, "out": counts.rows_out, "rejected": counts.rows_rejected}
    return ", ".join(f"{value:,} {name}" for name, value in rows.items() if value is not None) or "no rows"
