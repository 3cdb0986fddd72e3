"""How our search grows with members, cores and postings, from table to table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from benchmarks.lineup import ours
from benchmarks.ours import bytes_of
from benchmarks.peers.contract import Kind, Result
from benchmarks.race import Race, measured, middle
from benchmarks.stored import Figure

VARIANT = "exact"
GROWN = 8  # times as many postings
KINDS: tuple[Kind, ...] = ("unfiltered", "rules")

_MIB = 2**20


def growth(base: Race, double: Race, grown: Race, rounds: int, tell: Callable[[Result], None]) -> list[Figure]:
    """Figures of both workloads.

    Args:
        base: on two cores.
        double: twice the members.
        grown: `GROWN` times the postings.
        rounds: in which all but the last take turns.
        tell: hears of every run as it ends.
    """
    figures = []
    for kind in KINDS:
        races = {"base": base, "double": double, "one core": replace(base, threads=1)}
        found = in_turn(races, kind, rounds, tell) | in_turn({"grown": grown}, kind, 1, tell)
        figures += [doubled(found["base"], found["double"]), cores(found["one core"], found["base"])]
        figures += memory(found["base"], found["grown"], bytes_of(grown.folder / "indexes"))
    return figures


def in_turn(races: Mapping[str, Race], kind: Kind, rounds: int, tell: Callable[[Result], None]) -> dict[str, Result]:
    """The middle run of each race.

    Raises:
        RuntimeError: one did not end in any round.
    """
    runs: dict[str, list[Result]] = {name: [] for name in races}
    for _ in range(rounds):
        for name, race in races.items():
            runs[name].append(measured(ours(VARIANT, kind), race))
            tell(runs[name][-1])
    found = {name: middle(one) for name, one in runs.items()}
    failed = [result.note for result in found.values() if result.members_per_s is None]
    if failed:
        raise RuntimeError("; ".join(failed))
    return found


def doubled(base: Result, double: Result) -> Figure:
    """How many times as long twice the members take."""
    times = [seconds(base), seconds(double)]
    note = f"{base.members:,} to {double.members:,} members, {base.postings:,} postings: {_from_to(times)} s"
    return Figure(f"members x 2, {base.workload}: time", times[1] / times[0], "times", "at most 2.05", note)


def cores(one: Result, two: Result) -> Figure:
    """How many times as fast two cores are."""
    note = f"{two.members:,} members, {two.postings:,} postings: {_from_to([seconds(one), seconds(two)])} s"
    value = seconds(one) / seconds(two)
    return Figure(f"two cores against one, {two.workload}: speed", value, "times", "at least 1.8", note)


def memory(base: Result, grown: Result, mapped: int) -> list[Figure]:
    """Private memory of the largest worker, and what it maps beside."""
    workload, private = base.workload, [base.private_mib_per_worker or 0.0, grown.private_mib_per_worker or 0.0]
    note = f"{base.postings:,} to {grown.postings:,} postings: {_from_to(private)} MiB"
    growth = private[1] / private[0] if private[0] else float("nan")
    name = f"postings x {GROWN}, {workload}"
    return [
        Figure(f"{name}: private memory per worker, growth", growth, "times", "at most 1.3", note),
        Figure(f"{name}: private memory per worker", private[1], "MiB", None, "sampled while it matched"),
        Figure(f"{name}: shards mapped", mapped / _MIB, "MiB", None, "all files of the index, shared by all workers"),
    ]


def seconds(result: Result) -> float:
    """How long the search took."""
    return (result.members or 0) / (result.members_per_s or float("nan"))


def _from_to(numbers: Sequence[float]) -> str:
    return " to ".join(f"{number:,.1f}" for number in numbers)
