"""What an application's event log says of its tasks."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """An attempt that has ended.

    Args:
        stage: its number.
        reason: how it ended, as Spark names it: Success, ExecutorLostFailure and so on.
        seconds: from its start to its end.
        rows: that it has read, from files or other executors.
        speculative: whether it is a copy of one that seemed slow.
    """

    stage: int
    reason: str
    seconds: float
    rows: int
    speculative: bool


def tasks(folder: Path) -> list[Task]:
    """Of the only application that has logged there."""
    [log] = folder.rglob("events_*")
    found = []
    for line in log.read_text().splitlines():
        event = json.loads(line)
        if event["Event"] == "SparkListenerTaskEnd":
            info, metrics = event["Task Info"], event.get("Task Metrics") or {}
            shuffled = metrics.get("Shuffle Read Metrics", {}).get("Total Records Read", 0)
            read = metrics.get("Input Metrics", {}).get("Records Read", 0)
            seconds = (info["Finish Time"] - info["Launch Time"]) / 1000
            reason = event["Task End Reason"]["Reason"]
            found.append(Task(event["Stage ID"], reason, seconds, shuffled + read, info["Speculative"]))
    return found


def by_stage(found: list[Task]) -> dict[int, list[Task]]:
    """The tasks that succeeded, of each stage."""
    stages = defaultdict(list)
    for task in found:
        if task.reason == "Success":
            stages[task.stage].append(task)
    return dict(stages)
