"""The engines that `make bench` measures, and what each is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.ours import VARIANTS, retrieval_config
from benchmarks.peers.contract import Kind
from pipelines.retrieval.precision import Name, chosen

_AVX512 = {"OPENBLAS_CORETYPE": "SkylakeX"}


@dataclass(frozen=True)
class Entrant:
    """An engine in a process of its own.

    Attributes:
        label: what results call it.
        module: whose `--engine` it is.
        engine: its name there.
        workload: whether the rules hold.
        members: the most that it is asked for; None: all.
        precision: in which it multiplies all pairs; None where it multiplies fewer.
        in_turn: whether it is measured in every round, or in the first only.
        environment: variables on top of the others'.
    """

    label: str
    module: str
    engine: str
    workload: Kind
    members: int | None = None
    precision: Name | None = None
    in_turn: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def ours(variant: str, workload: Kind, environment: Mapping[str, str] | None = None) -> Entrant:
    """One of our variants."""
    return Entrant(
        label=_labelled(f"nightmatch {variant}", environment),
        module="benchmarks.ours",
        engine=variant if workload == "unfiltered" else f"{variant}, rules",
        workload=workload,
        precision=chosen(retrieval_config(variant, 1).first_pass).name,
        in_turn=True,
        environment=environment or {},
    )


def lineup(*, members: int, slow_members: int, avx512: bool) -> list[Entrant]:
    """Everybody, those first who are measured in every round.

    Args:
        members: that peers are asked for.
        slow_members: that slow peers are asked for.
        avx512: whether the processor has what OpenBLAS may have been told, or may not know, to use.
    """
    others = [_AVX512] if avx512 else []
    return [
        *(ours(variant, "unfiltered") for variant in VARIANTS),
        *(ours("exact float32", "unfiltered", other) for other in others),
        *(_faiss("knn", "unfiltered", members, environment=one, precision="float32") for one in ({}, *others)),
        *(ours(variant, "rules") for variant in VARIANTS),
        _faiss("flat_selector", "rules", members, precision="float32"),
        *(_faiss(f"ivf_{code}", "unfiltered", members) for code in ("flat", "sq8", "pq_refine", "rabitqfs_refine")),
        *(_faiss(f"ivf_{way}", "rules", members) for way in ("selector", "overfetch")),
        _peer("hnswlib", "hnswlib_graph", members),
        _peer("autofaiss", "autofaiss_index", slow_members),
        _peer("autofaiss_tuned", "autofaiss_index", members),
        _peer("implicit", "implicit_topk", members, precision="float32"),
        _peer("implicit_filter", "implicit_topk", slow_members, workload="rules", precision="float32"),
        _peer("replay_hnswlib", "replay_hnswlib", members),
        _peer("mllib_als", "mllib_recommend", slow_members, precision="float32"),
        _peer("spark_lsh", "spark_lsh", slow_members),
        _peer("spark_nearest_by", "spark_nearest", slow_members, precision="float32"),
    ]


def _faiss(
    engine: str,
    workload: Kind,
    members: int,
    *,
    environment: Mapping[str, str] | None = None,
    precision: Name | None = None,
) -> Entrant:
    label = _labelled(f"faiss {engine}", environment)
    in_turn = precision is not None
    return Entrant(
        label, "benchmarks.peers.faiss_bare", engine, workload, members, precision, in_turn, environment or {}
    )


def _peer(
    engine: str, script: str, members: int, *, workload: Kind = "unfiltered", precision: Name | None = None
) -> Entrant:
    return Entrant(engine, f"benchmarks.peers.{script}", engine, workload, members, precision)


def _labelled(name: str, environment: Mapping[str, str] | None) -> str:
    return f"{name} (AVX-512 BLAS)" if environment else name
