"""Kernel: seconds and shuffled bytes of each stage, from counts and measured constants.

A stage's seconds are fixed ones, those of the driver, which works alone, and those of the cores: a sum of constants
times counts, divided as far as there are tasks to divide it into. Bytes between executors move while cores work, so
the longer of the two counts.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pipelines.planning.constants import Stage
from pipelines.planning.counts import FLOAT32_BYTES, Counts

Spread = Literal["cores", "shards", "search_tasks", "posting_tasks", "driver"]


@dataclass(frozen=True)
class Term:
    """Work of a stage that is proportional to a count."""

    spread: Spread  # how finely it is divided
    words: str


TERMS: Final[Mapping[str, Mapping[str, Term]]] = {
    "start": {},  # the session, the contracts of all tables, the summary at the end
    "ingest_postings": {"postings": Term("cores", "cleaning, finding duplicates")},
    "ingest_members": {"members": Term("cores", "cleaning")},
    "ingest_searches": {"searches": Term("cores", "reading wishes")},
    "embed": {
        "texts": Term("cores", "joining texts with vectors"),
        "changed_texts": Term("cores", "embedding what changed"),
        "changed_searches": Term("cores", "the teacher reading wishes"),
    },
    "index": {
        "postings": Term("cores", "finding fresh postings"),
        "fresh_postings": Term("shards", "writing shards"),
        "index_bytes": Term("driver", "driver: sha256 of the index"),
    },
    "match": {
        "askers": Term("search_tasks", "moving members, scoring again"),
        "multiply_adds": Term("search_tasks", "operations of the products"),
        "pairs": Term("search_tasks", "comparing products with limits"),
        "matches": Term("cores", "writing and checking matches"),
        "index_bytes": Term("driver", "driver: sha256 of the index"),
    },
    "rank": {
        "members": Term("cores", "explaining recommendations"),
        "matches": Term("cores", "joining and sorting matches"),
    },
    "rank_searches": {"search_matches": Term("cores", "joining and explaining what searches found")},
    "match_postings": {
        "members": Term("cores", "writing shards of members"),
        "postings": Term("posting_tasks", "moving postings, scoring again"),
        "multiply_adds": Term("posting_tasks", "operations of the products"),  # the same pairs from the other side
        "pairs": Term("posting_tasks", "comparing products with limits"),
        "posting_matches": Term("cores", "writing and checking members found"),
    },
    "rank_members": {"posting_matches": Term("cores", "joining and explaining members found")},
    "publish": {"files": Term("driver", "driver: footers of files")},
}
# stages of some nights only: of those that have any of these
ONLY_WITH: Final[Mapping[str, str]] = {
    "ingest_searches": "searches",
    "rank_searches": "searches",
    "match_postings": "posting_matches",
    "rank_members": "posting_matches",
}
# rows that move to other tasks: joins, windows, ranges
SHUFFLED: Final[Mapping[str, tuple[str, ...]]] = {
    "ingest_postings": ("postings",),
    "ingest_members": ("members",),
    "ingest_searches": ("searches",),
    "embed": ("texts", "changed_texts"),
    "index": ("postings", "fresh_postings"),
    "match": ("askers", "matches"),
    "rank": ("members", "matches"),
    "rank_searches": ("search_matches",),
    "match_postings": ("postings", "posting_matches"),
    "rank_members": ("posting_matches",),
}
# how often a vector moves: to its posting and into a shard; to who asks and its cohort
VECTOR_MOVES: Final[Mapping[str, Mapping[str, int]]] = {
    "index": {"fresh_postings": 2},
    "match": {"askers": 2},
    "match_postings": {"members": 2, "postings": 2},
}


@dataclass(frozen=True)
class Machines:
    """What works on a night."""

    cores: int
    efficiency: float | None  # share of a core's work done beside others; None: as measured, stage by stage
    network_bytes_per_s: float = math.inf  # of all executors together


@dataclass(frozen=True)
class StageSeconds:
    """Where a stage's time goes."""

    fixed_s: float
    driver_s: float
    cores_s: float
    network_s: float
    bound_by: str  # what takes most of it

    @property
    def total_s(self) -> float:
        """From the stage's start to its end.

        >>> StageSeconds(fixed_s=5, driver_s=1, cores_s=10, network_s=20, bound_by="network").total_s
        26
        """
        return self.fixed_s + self.driver_s + max(self.cores_s, self.network_s)


def in_night(name: str, counts: Counts) -> bool:
    """Whether a night of these counts has the stage."""
    return name not in ONLY_WITH or counts.of(ONLY_WITH[name]) > 0


def stage_seconds(name: str, constants: Stage, counts: Counts, machines: Machines, sent_bytes: float) -> StageSeconds:
    """The seconds of one stage.

    Args:
        name: a key of `TERMS`.
        constants: of the stage.
        counts: of the night.
        machines: what works on it.
        sent_bytes: from one executor to another.
    """
    efficiency = machines.efficiency or constants.efficiency
    parts = {
        count: constants.core_s.get(count, 0.0)
        * counts.of(count)
        * divided(machines.cores, efficiency, tasks_of(term.spread, counts))
        for count, term in TERMS[name].items()
    }
    driver_s = sum(seconds for count, seconds in parts.items() if TERMS[name][count].spread == "driver")
    cores_s = sum(parts.values()) - driver_s
    network_s = sent_bytes / machines.network_bytes_per_s
    shares = {_words(TERMS[name][count], counts, machines.cores): seconds for count, seconds in parts.items()}
    shares |= {"start-up": constants.fixed_s, "bytes between executors": network_s if network_s > cores_s else 0.0}
    bound_by = max(shares, key=lambda one: shares[one])
    return StageSeconds(constants.fixed_s, driver_s, cores_s, network_s, bound_by)


def divided(cores: int, efficiency: float, tasks: float = math.inf) -> float:
    """The part of one core's seconds that passes when `tasks` tasks of equal size share the cores.

    Few tasks end with their last round: five on two cores take three rounds of a fifth each.

    >>> divided(2, efficiency=1.0, tasks=5), divided(2, efficiency=0.8), divided(64, efficiency=0.8, tasks=1)
    (0.6, 0.625, 1.0)

    Args:
        cores: that work.
        efficiency: share of a core's work that is done beside others.
        tasks: that the work is cut into; infinite: as finely as one likes.
    """
    alone = cores == 1 or tasks == 1
    rounds = 1 / cores if math.isinf(tasks) else math.ceil(tasks / cores) / tasks
    return rounds if alone else rounds / efficiency


def tasks_of(spread: Spread, counts: Counts) -> float:
    """How many tasks divide the work."""
    return {
        "driver": 1,
        "shards": counts.shards,
        "search_tasks": counts.search_tasks,
        "posting_tasks": counts.posting_tasks,
        "cores": math.inf,
    }[spread]


def shuffled_bytes(name: str, constants: Stage, counts: Counts, dimension: int) -> float:
    """Bytes that the tasks of a stage write for one another."""
    rest = sum(constants.shuffle_bytes.get(count, 0.0) * counts.of(count) for count in SHUFFLED.get(name, ()))
    return rest + vector_bytes(name, counts, dimension)


def vector_bytes(name: str, counts: Counts, dimension: int) -> float:
    """Bytes of the vectors among the shuffled ones; float32 that no codec makes smaller."""
    moves = VECTOR_MOVES.get(name, {})
    return sum(FLOAT32_BYTES * dimension * times * counts.of(count) for count, times in moves.items())


def _words(term: Term, counts: Counts, cores: int) -> str:
    tasks = tasks_of(term.spread, counts)
    return f"{term.words}, in only {tasks:,} tasks" if 1 < tasks < cores else term.words
