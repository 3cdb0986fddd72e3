"""Stages tell an OpenLineage server, or a file below the run, what they read and wrote; off by default."""

import datetime
from collections.abc import Callable
from pathlib import Path

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import RunState
from openlineage.client.transport.file import FileConfig, FileTransport
from openlineage.client.transport.http import HttpConfig, HttpTransport
from openlineage.client.uuid import generate_new_uuid

from jobs.start import Context, log
from pipelines.publishing.progress import Counts
from pipelines.reporting.config import RUN_FOLDER
from pipelines.reporting.lineage import Ending, Execution, event

_PATIENCE_S = 5.0  # a stage waits for nobody
_RETRY = {"total": 1, "backoff_factor": 0.3}


def told(given: Context, stage: str, work: Callable[[Context], Counts]) -> Counts:
    """What the work returns; that it began and how it ended is told where the configuration says to whom.

    Whoever cannot be told is left out: a night does not fail for it.
    """
    if not (target := given.config.telling.openlineage):
        return work(given)
    client = client_of(target, given.store.openlineage(given.night.run_id))
    tables = {"warehouse": given.store.warehouse.as_uri(), "namespace": given.store.namespace}
    execution = Execution(str(generate_new_uuid()), given.env, stage, **tables)

    def tell(state: RunState, ending: Ending) -> None:
        try:
            client.emit(event(execution, state, datetime.datetime.now(datetime.UTC), ending))
        except OSError as error:  # what requests raises is one
            log.warning("openlineage: %s of %s was not told: %s", state.value, stage, type(error).__name__)

    tell(RunState.START, Ending())
    try:
        counts = work(given)
    except BaseException as error:
        tell(RunState.FAIL, Ending(error=type(error).__name__))
        raise
    tell(RunState.COMPLETE, Ending(rows_out=counts.rows_out))
    return counts


def client_of(target: str, file: Path) -> OpenLineageClient:
    """Sends events to a server, or appends them to the file, an object a line."""
    if target == RUN_FOLDER:
        file.parent.mkdir(parents=True, exist_ok=True)
        return OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=str(file), append=True)))
    return OpenLineageClient(transport=HttpTransport(HttpConfig(url=target, timeout=_PATIENCE_S, retry=_RETRY)))
