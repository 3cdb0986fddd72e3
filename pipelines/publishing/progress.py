"""Kernel: which stages of a run are finished, so that a rerun does only what is left."""

import datetime
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from pipelines.logs import stage_named
from pipelines.publishing.artifacts import replace_text
from schemas.errors import ArtifactError, NightmatchError

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


@dataclass(frozen=True)
class Unfinished:
    """The stage that a run is in, or that it broke off in."""

    stage: str
    started_at: datetime.datetime
    error: str | None = None  # its class; None: the stage runs, or its process died without a word
    exit_code: int | None = None
    message: str | None = None  # of our own errors only: others may name what is in a row


_FINISHED = TypeAdapter(Finished)
_UNFINISHED = TypeAdapter(Unfinished)


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
        with stage_named(stage):
            log.info("%s: started", stage)
            started_at, clock = datetime.datetime.now(datetime.UTC), time.monotonic()
            counts = self._noted(Unfinished(stage, started_at), work)
            finished = Finished(stage, started_at, round(time.monotonic() - clock, 3), counts, "done")
            replace_text(self._file(stage), _FINISHED.dump_json(finished, indent=2).decode())
            self._broken.unlink(missing_ok=True)
            told = {"seconds": finished.seconds, **_rows(counts)}
            log.info("%s: done in %.1f s, %s", stage, finished.seconds, _in_words(counts), extra=told)
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

    def unfinished(self) -> Unfinished | None:
        """The stage that the run is in or broke off in, None where every stage that began has finished.

        Raises:
            ArtifactError: its file is damaged.
        """
        if not self._broken.exists():
            return None
        try:
            found = _UNFINISHED.validate_json(self._broken.read_bytes())
        except ValidationError:
            raise ArtifactError(f"{self._broken} is damaged; remove it") from None
        return None if self.find(found.stage) else found

    def _noted(self, begun: Unfinished, work: Callable[[], Counts]) -> Counts:
        """What `work` returns; that it began, and how it failed, is in a file until then."""
        self._note(begun)
        try:
            return work()
        except NightmatchError as error:
            self._note(replace(begun, error=type(error).__name__, exit_code=error.exit_code, message=str(error)))
            raise
        except BaseException as error:
            self._note(replace(begun, error=type(error).__name__, exit_code=1))
            raise

    def _note(self, unfinished: Unfinished) -> None:
        replace_text(self._broken, _UNFINISHED.dump_json(unfinished, indent=2).decode())

    @property
    def _broken(self) -> Path:
        return self.folder.parent / "unfinished.json"

    def _file(self, stage: str) -> Path:
        return self.folder / f"{stage}.json"


def _rows(counts: Counts) -> dict[str, int]:
    rows = {"rows_in": counts.rows_in, "rows_out": counts.rows_out, "rows_rejected": counts.rows_rejected}
    return {name: count for name, count in rows.items() if count is not None}


def _in_words(counts: Counts) -> str:
    rows = _rows(counts).items()
    return ", ".join(f"{count:,} {name.removeprefix('rows_')}" for name, count in rows) or "no rows"
