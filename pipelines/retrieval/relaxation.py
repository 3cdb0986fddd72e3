"""Kernel: members who find too few postings are searched again with one wish relaxed, step by step.

A step only ever adds: what a member may take as asked, or by a step before, is not found again. All other rules hold.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from pipelines.retrieval.eligibility import UNKNOWN, Bools, Cells, Cohort, eligible_cells
from pipelines.retrieval.precision import Precision
from pipelines.retrieval.search import Found, Queries, search
from pipelines.retrieval.vectors import AnyIndex
from schemas.rules import Relaxation


def relaxed_cells(step: Relaxation, cohort: Cohort, cells: Cells, unknown_excludes: Collection[str] = ()) -> Bools:
    """Whether members of the cohort may take postings of each cell by that step; [n_cells].

    next_region: in the whole of each country of which they named a region. remote_elsewhere: in any country, where the
    posting says that it is remote. Saved searches are never relaxed.
    """
    if cohort.is_search:
        return np.zeros(len(cells.country), dtype=np.bool_)
    if step == "next_region":
        countries = frozenset((country, UNKNOWN) for country, _ in cohort.places)
        return eligible_cells(replace(cohort, places=countries), cells, unknown_excludes)
    anywhere = eligible_cells(replace(cohort, places=frozenset()), cells, unknown_excludes)
    remote: Bools = cells.work_mode == "remote"
    return anywhere & remote


def search_by_steps(
    strict: Queries,
    cohorts: Sequence[Cohort],
    index: AnyIndex,
    cells: Cells,
    *,
    steps: Sequence[Relaxation],
    enough: int,
    k: int,
    precision: Precision,
    unknown_excludes: Collection[str] = (),
) -> Iterator[tuple[Relaxation | None, Found]]:
    """What the queries find as asked (None), then what those find by each step who have found less than enough so far.

    Args:
        strict: the queries of members as they asked, see `postings_for`.
        cohorts: that `strict.kind` counts.
        index: where to search.
        cells: of the index.
        steps: in the order in which they are tried.
        enough: postings of a member.
        k: most postings of a member, as asked and by each step.
        precision: of the first pass.
        unknown_excludes: rules that an unknown value of the posting fails.
    """
    counts = np.zeros(len(strict.kind), dtype=np.int64)
    for found in search(strict, index, k=k, precision=precision):
        counts += np.bincount(found.query, minlength=len(counts))
        yield None, found
    may = strict.eligible.copy()
    for step in steps:
        short = counts < enough
        added = np.zeros_like(may)
        for kind in np.unique(strict.kind[short]).tolist():
            added[kind] = relaxed_cells(step, cohorts[kind], cells, unknown_excludes) & ~may[kind]
        may |= added
        apart = np.where(short, strict.kind, len(may))  # those who have enough may take nothing
        nothing = np.zeros((1, may.shape[1]), dtype=np.bool_)
        queries = replace(strict, kind=apart, eligible=np.concatenate([added, nothing]), efforts={})
        for found in search(queries, index, k=k, precision=precision):
            counts += np.bincount(found.query, minlength=len(counts))
            yield step, found
