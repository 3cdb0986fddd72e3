"""How much work of a night that is killed near its end is done again by the next run.

    python -m tests.chaos.resume_cost --members 5000 --postings 5000 --killed-at 0.9

Results go to var/chaos-resume.json.
"""

import argparse
import datetime
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import machine_facts
from pipelines.publishing.progress import Finished, Progress
from tests.chaos.world import TONIGHT, prepare
from tests.conftest import PROJECT


def finished(var: Path) -> list[Finished]:
    [stages] = var.glob(f"runs/{TONIGHT}-*/stages")
    return Progress(stages).all()


def measure(asked: argparse.Namespace, folder: Path) -> dict[str, object]:
    """An undisturbed night, and the same one killed at a share of its time and continued."""
    prepared = prepare(folder, members=asked.members, postings=asked.postings, settings="")
    world = prepared.world
    whole = {one.stage: one.seconds for one in finished(world.var)}
    world.restore("before")
    driver = world.start()
    if driver.ends_within(asked.killed_at * prepared.seconds):
        raise RuntimeError("the night ended before it could be killed")
    driver.kill()
    killed_at = datetime.datetime.now(datetime.UTC)
    done, seen = set(world.notes()), prepared.readers()
    begun = [json.loads(path.read_bytes()) for path in world.var.glob(f"runs/{TONIGHT}-*/unfinished.json")]
    broken = {one["stage"]: datetime.datetime.fromisoformat(one["started_at"]) for one in begun}
    started = time.monotonic()
    code, said = world.run()
    if code:
        raise RuntimeError(said)
    seconds = time.monotonic() - started
    again = {one.stage: one.seconds for one in finished(world.var) if one.stage in broken and one.stage not in done}
    lost = sum((killed_at - at).total_seconds() for stage, at in broken.items() if stage in again)
    return {
        "machine": machine_facts(os.environ, {}),
        "members": asked.members,
        "postings": asked.postings,
        "undisturbed_s": prepared.seconds,
        "stages_s": whole,
        "killed_at": asked.killed_at,
        "readers": seen,
        "finished": sorted(done),
        "done_again_s": again,
        "done_again_share": sum(again.values()) / prepared.seconds,
        "lost_s": lost,
        "lost_share": lost / prepared.seconds,
        "resuming_run_s": seconds,
        "end": prepared.check_end(),
    }


def main() -> int:
    """Exit code of the measurement."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--members", type=int, default=5000)
    arguments.add_argument("--postings", type=int, default=5000)
    arguments.add_argument("--killed-at", type=float, default=0.9, help="share of the undisturbed night's time")
    with tempfile.TemporaryDirectory() as folder:
        found = measure(arguments.parse_args(), Path(folder))
    target = PROJECT / "var" / "chaos-resume.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(found, indent=2))
    sys.stdout.write(target.read_text() + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
