"""Engines measured one after the other, the closest rivals by turns."""

import json
import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmarks.lineup import Entrant
from benchmarks.peers.contract import Result
from benchmarks.peers.environments import python_for

PROJECT = Path(__file__).parents[1]

_EXACT = 0.999  # of the truth; an engine that finds less may not have multiplied all pairs


@dataclass(frozen=True)
class Race:
    """What all engines are given."""

    folder: Path
    k: int
    threads: int
    recall: float = 0.99  # that engines with settings are tuned to
    timeout_s: float = 1200
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def environ(self) -> dict[str, str]:
        """Variables of every engine's process."""
        return {**os.environ, **self.environment, "PYTHONPATH": str(PROJECT)}


def measured(entrant: Entrant, race: Race) -> Result:
    """One run of an engine in a process of its own; a failure is a result without figures."""
    options = {"--folder": race.folder, "--k": race.k, "--threads": race.threads, "--recall": race.recall}
    options |= {"--engine": entrant.engine} | ({"--limit-members": entrant.members} if entrant.members else {})
    try:
        python = python_for(entrant.module.rpartition(".")[2])
        command = [str(python), "-m", entrant.module, *(str(part) for option in options.items() for part in option)]
        done = subprocess.run(
            command,
            cwd=PROJECT,
            env=race.environ | dict(entrant.environment),
            capture_output=True,
            text=True,
            timeout=race.timeout_s,
            check=True,
        )
        result = Result(**json.loads(done.stdout.strip().splitlines()[-1])[0])
    except subprocess.TimeoutExpired:
        result = Result("", entrant.workload, note=f"failed: no end within {race.timeout_s:,.0f} s")
    except subprocess.CalledProcessError as error:
        told = (error.stderr or "").strip().splitlines()[-1:]
        result = Result("", entrant.workload, note=f"failed: exit code {error.returncode}: {' '.join(told)[:300]}")
    note = result.note.replace(str(PROJECT), ".")
    return replace(result, engine=entrant.label, workload=entrant.workload, note=note)


def raced(entrants: Sequence[Entrant], race: Race, rounds: int, tell: Callable[[Result], None]) -> list[Result]:
    """The run in the middle of each engine's rounds; `tell` hears of every run as it ends."""
    runs: dict[str, list[Result]] = {}
    for number in range(rounds):
        for entrant in entrants:
            if entrant.in_turn or number == 0:
                result = measured(entrant, race)
                tell(result)
                runs.setdefault(f"{entrant.label} {entrant.workload}", []).append(result)
    return [middle(one) for one in runs.values()]


def middle(runs: Sequence[Result]) -> Result:
    """The run of median speed among those that ended; how far apart they lay is added to its note."""
    ended = sorted((run for run in runs if run.members_per_s), key=lambda run: run.members_per_s or 0.0)
    if len(runs) == 1 or not ended:
        return runs[0]
    told = f"{len(ended)} of {len(runs)} rounds ended, {ended[0].members_per_s:,.0f} to {ended[-1].members_per_s:,.0f}"
    chosen = ended[(len(ended) - 1) // 2]
    return replace(chosen, note=f"{chosen.note}; {told} members/s")


def with_rates(result: Result, entrant: Entrant, eligible: float, dimension: int, peaks: Mapping[str, float]) -> Result:
    """The result with pairs per second and, where all pairs are multiplied, the share of the machine's peak.

    Args:
        result: of `entrant`.
        entrant: says in which precision.
        eligible: postings that a member may take under the rules, on average.
        dimension: of the vectors.
        peaks: operations a second by precision.
    """
    if result.members_per_s is None or result.postings is None:
        return result
    rate = result.members_per_s * (eligible if result.workload == "rules" else result.postings)
    if entrant.precision is None or (result.recall or 0) < _EXACT:
        return replace(result, pairs_per_s=rate)
    note = f"{result.note}; of the {entrant.precision} peak"
    return replace(result, pairs_per_s=rate, share_of_peak=2 * dimension * rate / peaks[entrant.precision], note=note)


def eligible_postings(folder: Path) -> float:
    """How many postings a member may take under the rules, on average."""
    per_cohort = np.bitwise_count(np.load(folder / "eligible.npy")).sum(axis=1)
    return float(per_cohort[np.load(folder / "member_cohort.npy")].mean())
