"""What our exact search finds where few postings are eligible, beside brute force in numpy."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.growth import VARIANT, in_turn
from benchmarks.night_tables import found_rows
from benchmarks.peers.contract import Result
from benchmarks.peers.quality import recall_of
from benchmarks.race import Race
from benchmarks.stored import Figure
from benchmarks.truth import share_rules, write_truth

SHARES = (0.5, 0.1, 0.03, 0.004)  # of the postings, in the one region that a member searches in
K = 50

_MEMBERS = 10_000


def shares(base: Race, tell: Callable[[Result], None]) -> list[Figure]:
    """Recall at each share, from table to table, on the postings of `base`."""
    race = replace(base, folder=base.folder.with_name(f"{base.folder.name}-shares"), k=K)
    prepare(base.folder, race.folder)
    in_turn({VARIANT: race}, "rules", 1, tell)
    known = np.load(race.folder / "truth_members.npy")
    truth, regions = np.load(race.folder / "truth_filtered.npy"), np.load(race.folder / "member_region.npy")[known]
    found = found_rows(race.folder / "matches" / "rules", known, K)
    figures = []
    for region, share in enumerate(SHARES):
        those = regions == region
        note = f"{those.sum():,} members judged; one region, brute force over its postings"
        recall = recall_of(found[those], truth[those])
        figures.append(Figure(f"{share:.1%} of postings eligible: recall@{K}", recall, "", "1", note))
    return figures


def prepare(source: Path, target: Path) -> None:
    """`target` holds the arrays of `source`, at most so many members, under rules of shares; made once."""
    if (target / "truth_filtered.npy").exists():
        return
    target.mkdir(exist_ok=True)
    members = np.load(source / "members.npy", mmap_mode="r")[:_MEMBERS]
    postings = np.load(source / "postings.npy", mmap_mode="r")
    np.save(target / "members.npy", members)
    np.save(target / "postings.npy", postings)
    write_truth(target, share_rules(len(members), len(postings), SHARES, seed=7), k=K)
