"""Kernel: a copy of an index on the disk of the host that searches it."""

import fcntl
import shutil
from functools import lru_cache
from pathlib import Path

from pipelines.publishing import artifacts

_COPIES = "nightmatch-indexes"  # of our own: what else lies in the folder that was configured is not touched


@lru_cache(maxsize=1)
def on_this_host(folder: Path, cache: str) -> Path:
    """Where this host reads the index: `folder` itself, or its copy under `cache`, made by the first who asks.

    The copies of other indexes go when one is made; who still reads them keeps them open.

    Raises:
        ArtifactError: the index is missing, or one of its files is not as it was sealed.
    """
    if not cache:
        return folder
    copies = Path(cache) / _COPIES
    copies.mkdir(parents=True, exist_ok=True)
    copy = copies / folder.name
    with (copies / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # given back when the file is closed, however that comes about
        if not artifacts.exists(copy):
            for other in copies.iterdir():
                if other.is_dir():
                    shutil.rmtree(other)
            artifacts.copy(folder, copy)
    return copy
