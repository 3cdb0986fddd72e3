"""Kernel: the rules of the retrieval benchmark and what brute force finds for some of its members."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
import numpy.typing as npt

_REGIONS = 1500
_ASK_NOTHING = 0.05
_MARGIN = 50  # found beyond k, so that equal similarities are not cut
_KNOWN = 1000  # members whose truth is computed


@dataclass(frozen=True)
class Rules:
    """Region of each posting, and of each member the region searched in; -1: everywhere."""

    postings: npt.NDArray[np.int32]
    members: npt.NDArray[np.int32]

    def place(self, table: str, row: int) -> str | None:
        """The region of a row of `postings` or `members`, None for everywhere."""
        region = int((self.postings if table == "postings" else self.members)[row])
        return None if region < 0 else f"r{region:04d}"


def draw_rules(members: int, postings: int, *, seed: int) -> Rules:
    """Regions by a power law: the median member may take one posting in twenty, some one in ten thousand, some all."""
    rng = np.random.default_rng(seed)
    sizes = 1 / np.arange(1, _REGIONS + 1) ** 1.32
    shares = sizes / sizes.sum()
    wanted = rng.choice(_REGIONS, size=members, p=shares).astype(np.int32)
    wanted[rng.random(members) < _ASK_NOTHING] = -1
    return Rules(rng.choice(_REGIONS, size=postings, p=shares).astype(np.int32), wanted)


def share_rules(members: int, postings: int, shares: Sequence[float], *, seed: int) -> Rules:
    """Region r holds `shares[r]` of the postings, the last region the rest; members search in one region of a share."""
    rng = np.random.default_rng(seed)
    regions = np.digitize(rng.permutation(postings) + 0.5, np.cumsum(shares) * postings)
    return Rules(regions.astype(np.int32), rng.integers(len(shares), size=members, dtype=np.int32))


def write_truth(folder: Path, rules: Rules, *, k: int) -> None:
    """Regions, cohorts, eligibility and truth beside the vectors, as the engines' scripts read them; made once."""
    done = folder / "truth_filtered.npy"
    if done.exists() and np.load(done, mmap_mode="r").shape[1] >= k:
        return
    regions = np.unique(rules.members)
    np.save(folder / "posting_region.npy", rules.postings)
    np.save(folder / "member_region.npy", rules.members)
    np.save(folder / "member_cohort.npy", np.searchsorted(regions, rules.members).astype(np.int32))
    eligible = np.array([(rules.postings == region) | (region < 0) for region in regions])
    np.save(folder / "eligible.npy", np.packbits(eligible, axis=1, bitorder="little"))
    members, postings = np.load(folder / "members.npy", mmap_mode="r"), np.load(folder / "postings.npy")
    rows = np.sort(np.random.default_rng(1).choice(len(members), size=min(_KNOWN, len(members)), replace=False))
    queries = np.ascontiguousarray(members[rows])
    near = faiss.knn(queries, postings, min(k + _MARGIN, len(postings)), metric=faiss.METRIC_INNER_PRODUCT)[1]
    filtered = []
    for row, query in zip(rows.tolist(), queries, strict=True):
        may = np.flatnonzero(eligible[np.searchsorted(regions, rules.members[row])])
        order = np.argsort(-(postings[may] @ query), kind="stable")[: k + _MARGIN]
        filtered.append(may[order])
    np.save(folder / "truth_members.npy", rows.astype(np.int64))
    for name, found in (("truth", list(near)), ("truth_filtered", filtered)):
        best = [_best(query, postings, one, k) for query, one in zip(queries, found, strict=True)]
        np.save(folder / f"{name}.npy", np.array(best))


def read_rules(folder: Path) -> Rules:
    """The rules that the truth in `folder` was computed under."""
    return Rules(np.load(folder / "posting_region.npy"), np.load(folder / "member_region.npy"))


def _best(
    query: npt.NDArray[np.float32], postings: npt.NDArray[np.float32], near: npt.NDArray[np.int64], k: int
) -> npt.NDArray[np.int64]:
    """The k best rows by similarity to 6 decimals, then row; -1 where there are fewer."""
    similarity = np.round(postings[near].astype(np.float64) @ query.astype(np.float64), 6)
    best = near[np.lexsort((near, -similarity))][:k]
    return np.pad(best, (0, k - len(best)), constant_values=-1)
