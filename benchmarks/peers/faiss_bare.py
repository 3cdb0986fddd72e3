"""Bare FAISS in one process, on the arrays of a workload; runs in the project's environment.

    python -m benchmarks.peers.faiss_bare --folder var/bench/200000x200000 --k 100 --threads 2 --engine knn

`knn` is the flat scan. An IVF engine searches as few lists as give the recall asked for on members held for that.
Under rules, `flat_selector` and `ivf_selector` give each cohort the bitmap of the postings that it may take and search
for its members in one call; `ivf_overfetch` searches for four times as many and drops what the member may not take.
"""

import math
import sys
import time
from collections.abc import Callable
from typing import Any

import faiss
import numpy as np

from benchmarks.blas import blas_of
from benchmarks.peers.arrays import Floats, Queries, Workload
from benchmarks.peers.contract import IN_MEMORY, Result, as_text, judged, run, timed
from benchmarks.peers.memory import private_mib
from benchmarks.peers.quality import Rows, recall_of
from benchmarks.peers.tuning import held_recall, least

_K_FACTORS = (1, 2, 4, 8, 16, 32, 64)  # of k, candidates scored again with full vectors
_TRIED = 3  # k factors from the least that can reach the recall on, of which the fastest is taken
_OVERFETCH = 4


def knn(workload: Workload) -> Result:
    """The flat scan."""
    faiss.omp_set_num_threads(workload.threads)

    def search(queries: Queries) -> Rows:
        found: Rows = faiss.knn(queries.vectors, workload.postings, workload.k, metric=faiss.METRIC_INNER_PRODUCT)[1]
        return found

    return _judged(search, workload, OpenBLAS=blas_of("faiss"))


def ivf(code: str) -> Callable[[Workload], Result]:
    """What measures an inverted file whose lists hold vectors in this code, `SQ8` or `PQ{m}x4fs,RFlat`."""

    def measure(workload: Workload) -> Result:
        index, build_s = built(workload, code)
        started = time.perf_counter()
        settings = tuned(index, workload)
        noted = {**settings, "lists": _lists(workload.postings), "tuning_s": round(time.perf_counter() - started)}
        return _judged(_unfiltered(index, settings, workload), workload, build_s=build_s, **noted)

    return measure


def built(workload: Workload, code: str) -> tuple[Any, float]:
    """An inverted file of all postings and the seconds that it took."""
    faiss.omp_set_num_threads(workload.threads)
    dimension = workload.postings.shape[1]
    started = time.perf_counter()
    factory = f"IVF{_lists(workload.postings)},{code.format(m=dimension // 2)}"
    index = faiss.index_factory(dimension, factory, faiss.METRIC_INNER_PRODUCT)
    index.train(workload.postings)
    index.add(workload.postings)
    return index, time.perf_counter() - started


def tuned(index: Any, workload: Workload) -> dict[str, int]:  # noqa: ANN401
    """The fastest settings that reach the recall on held members, or the widest where none do."""
    lists = _lists(workload.postings)
    if not isinstance(index, faiss.IndexRefine):
        return {"nprobe": least(lambda nprobe: _reaches(index, {"nprobe": nprobe}, workload), 1, lists)}
    enough = least(
        lambda one: _reaches(index, {"nprobe": lists, "k_factor_rf": _K_FACTORS[one]}, workload), 0, len(_K_FACTORS) - 1
    )
    seconds: list[tuple[float, dict[str, int]]] = []
    for factor in _K_FACTORS[enough : enough + _TRIED]:
        settings = {"nprobe": _fewest(index, factor, workload), "k_factor_rf": factor}
        started = time.perf_counter()
        _unfiltered(index, settings, workload)(workload.held)
        seconds.append((time.perf_counter() - started, settings))
    return min(seconds, key=lambda one: one[0])[1]


def _fewest(index: Any, factor: int, workload: Workload) -> int:  # noqa: ANN401
    def reaches(nprobe: int) -> bool:
        return _reaches(index, {"nprobe": nprobe, "k_factor_rf": factor}, workload)

    return least(reaches, 1, _lists(workload.postings))


def flat_selector(workload: Workload) -> Result:
    """The flat scan with a selector, which is exact and goes without BLAS."""
    faiss.omp_set_num_threads(workload.threads)
    index = faiss.IndexFlatIP(workload.postings.shape[1])
    index.add(workload.postings)
    search = by_cohort(index, faiss.SearchParameters, {}, workload)
    return _judged(search, workload)


def ivf_selector(workload: Workload) -> Result:
    """An inverted file with a selector, tuned on eligible postings."""
    index, build_s = built(workload, "Flat")

    def searching(nprobe: int) -> Callable[[Queries], Rows]:
        return by_cohort(index, faiss.SearchParametersIVF, {"nprobe": nprobe}, workload)

    lists = _lists(workload.postings)
    fewest = least(lambda nprobe: held_recall(searching(nprobe), workload) >= workload.recall, 1, lists)
    return _judged(searching(fewest), workload, build_s=build_s, nprobe=fewest, lists=lists)


def ivf_overfetch(workload: Workload) -> Result:
    """An inverted file searched for four times k without rules, what the member may not take dropped afterwards."""
    index, build_s = built(workload, "Flat")
    lists, wide = _lists(workload.postings), _OVERFETCH * workload.k
    # Tuned without rules, as the recall under rules is out of reach however many lists are searched.
    exact = faiss.knn(workload.held.vectors, workload.postings, wide, metric=faiss.METRIC_INNER_PRODUCT)[1]
    fewest = least(lambda nprobe: _overlap(index, nprobe, workload, exact) >= workload.recall, 1, lists)

    def search(queries: Queries) -> Rows:
        assert queries.cohorts is not None and workload.eligible is not None
        near = index.search(queries.vectors, wide, params=_parameters(faiss.SearchParametersIVF, nprobe=fewest))[1]
        row = np.maximum(near, 0)
        bits = workload.eligible[queries.cohorts[:, None], row >> 3] >> (row & 7).astype(np.uint8)
        may = (near >= 0) & (bits & 1 == 1)
        order = np.argsort(~may, axis=1, kind="stable")[:, : workload.k]
        kept: Rows = np.where(np.take_along_axis(may, order, axis=1), np.take_along_axis(near, order, axis=1), -1)
        return kept

    return _judged(search, workload, build_s=build_s, nprobe=fewest, lists=lists, fetched=f"{_OVERFETCH} x k")


def by_cohort(index: Any, kind: Any, settings: dict[str, int], workload: Workload) -> Callable[[Queries], Rows]:  # noqa: ANN401
    """A search that asks once per cohort, for its members, with the bitmap of what it may take."""

    def search(queries: Queries) -> Rows:
        assert queries.cohorts is not None and workload.eligible is not None
        found = np.full((len(queries.vectors), workload.k), -1, dtype=np.int64)
        order = np.argsort(queries.cohorts, kind="stable")
        cohorts, starts = np.unique(queries.cohorts[order], return_index=True)
        for cohort, members in zip(cohorts.tolist(), np.split(order, starts[1:]), strict=True):
            selector = faiss.IDSelectorBitmap(workload.eligible[cohort])  # type: ignore[call-arg]
            params = _parameters(kind, sel=selector, **settings)
            found[members] = index.search(queries.vectors[members], workload.k, params=params)[1]
        return found

    return search


def _unfiltered(index: Any, settings: dict[str, int], workload: Workload) -> Callable[[Queries], Rows]:  # noqa: ANN401
    for name, value in settings.items():
        faiss.ParameterSpace().set_index_parameter(index, name, value)

    def search(queries: Queries) -> Rows:
        found: Rows = index.search(queries.vectors, workload.k)[1]
        return found

    return search


def _reaches(index: Any, settings: dict[str, int], workload: Workload) -> bool:  # noqa: ANN401
    return held_recall(_unfiltered(index, settings, workload), workload) >= workload.recall


def _overlap(index: Any, nprobe: int, workload: Workload, exact: Rows) -> float:  # noqa: ANN401
    params = _parameters(faiss.SearchParametersIVF, nprobe=nprobe)
    return recall_of(index.search(workload.held.vectors, exact.shape[1], params=params)[1], exact)


def _parameters(kind: Any, **settings: Any) -> Any:  # noqa: ANN401
    return kind(**settings)


def _lists(postings: Floats) -> int:
    return max(1, round(4 * math.sqrt(len(postings))))


def _judged(
    search: Callable[[Queries], Rows],
    workload: Workload,
    *,
    build_s: float = 0.0,
    **settings: Any,  # noqa: ANN401
) -> Result:
    note = "; ".join(filter(None, [IN_MEMORY, as_text(**settings)]))
    return judged(workload, *timed(search, workload), build_s=build_s, note=note, private_mib=private_mib())


if __name__ == "__main__":
    sys.exit(
        run(
            __doc__,
            {
                "knn": (knn, False),
                "ivf_flat": (ivf("Flat"), False),
                "ivf_sq8": (ivf("SQ8"), False),
                "ivf_pq_refine": (ivf("PQ{m}x4fs,RFlat"), False),
                "ivf_rabitq_refine": (ivf("RaBitQ,RFlat"), False),
                "ivf_rabitqfs_refine": (ivf("RaBitQfs,RFlat"), False),
                "ivf_rabitq4_refine": (ivf("RaBitQ4,RFlat"), False),
                "flat_selector": (flat_selector, True),
                "ivf_selector": (ivf_selector, True),
                "ivf_overfetch": (ivf_overfetch, True),
            },
        )
    )
