"""What the profile's weight in a saved search costs a wish for something new, and gives one for more of the same.

    python -m benchmarks.bench_profile_weight [--half development] [--postings 2000] [--members 2000]

Hand-labelled wishes are searched for by members of the generated sample: by one whose occupation is neither among the
wish's nor near to them, and by one whose occupation is. Right are postings of the wish's occupations. Neither Spark nor
a finished night is needed.
"""

import argparse
import datetime
import sys
from collections.abc import Sequence

import numpy as np
from rich.console import Console
from rich.table import Table as Grid

from benchmarks.bench_wishes import BATCH_TEXTS, SHIPPED, STUDENTS, TEACHER_MODEL, embedded, sample_corpus
from benchmarks.wish_sets import DEVELOPMENT, HALVES, answered
from benchmarks.workload import member_text
from pipelines.embedding.student import load_student
from pipelines.embedding.wish_encoder import load_wish_encoder
from pipelines.evaluation.retrieval import ndcg
from pipelines.retrieval.blending import blended
from pipelines.retrieval.precision import Doubles, Floats
from pipelines.sample.catalogue import catalogue
from pipelines.sample.draws import number
from pipelines.sample.members import member_facts
from pipelines.sample.world import World

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7)
K = 10


def profiles_for(wishes: dict[str, list[str]], world: World) -> dict[str, dict[str, int]]:
    """Who searches: wish -> row of a member, for each of the two kinds of member; some wishes have none of a kind."""
    occupation = {row: member_facts(world, row).occupation.id for row in range(world.members)}
    found: dict[str, dict[str, int]] = {"something new": {}, "more of the same": {}}
    for wish, right in wishes.items():
        near = set(right) | {other for one in right for other in catalogue()[one].related}
        order = [row for _, row in sorted((number(wish, row), row) for row in occupation)]
        rows = [next((row for row in order if occupation[row] not in near), None)]
        rows += [next((row for row in order if occupation[row] in right), None)]
        for kind, row in zip(found, rows, strict=True):
            if row is not None:
                found[kind][wish] = row
    return found


def scores_of(queries: Floats, rows: Floats, right: Doubles) -> Doubles:
    """The nDCG of the first `K` rows of each query; right is [n_queries, n_rows], 1 or 0."""
    best = np.argsort(-(queries @ rows.T), axis=1, kind="stable")[:, :K]
    ideal = np.asarray(np.arange(K) < right.sum(axis=1)[:, None], dtype=np.float64)
    return ndcg(np.take_along_axis(right, best, axis=1), ideal, K)


def main(argv: Sequence[str] | None = None) -> int:
    """Print a row per weight."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--half", choices=list(HALVES), default=DEVELOPMENT)
    arguments.add_argument("--postings", type=int, default=2000)
    arguments.add_argument("--members", type=int, default=2000)
    asked = arguments.parse_args(argv)
    student = load_student(STUDENTS / SHIPPED, BATCH_TEXTS)
    reader = load_wish_encoder(STUDENTS / SHIPPED, TEACHER_MODEL, BATCH_TEXTS)
    texts, occupation_of = sample_corpus(asked.postings, 7)
    there = set(occupation_of.values())
    wishes = {
        wish: list(right) for wish, right in answered(asked.half).items() if set(right) & there and embedded(wish)
    }
    world = World(7, datetime.date(2026, 11, 2), asked.postings, asked.members)
    rows = student.encode(list(texts.values()))
    scores: dict[str, list[Doubles]] = {}
    for kind, searching in profiles_for(wishes, world).items():
        wish = reader.encode([embedded(one) for one in searching])
        profile = student.encode([member_text(world, row) for row in searching.values()])
        judged = [[occupation_of[posting] in wishes[one] for posting in texts] for one in searching]
        right = np.array(judged, dtype=np.float64)
        scores[kind] = [
            scores_of(blended(wish, profile, np.full(len(wish), weight)), rows, right) for weight in WEIGHTS
        ]
    named = [f"{kind}, {len(found[0])} wishes" for kind, found in scores.items()]
    grid = Grid("profile_weight", *named, title=f"nDCG@{K}, {asked.half}: mean, and difference to weight 0 with 95 %")
    for place, weight in enumerate(WEIGHTS):
        told = []
        for found in scores.values():
            gap = found[place] - found[0]
            margin = 1.96 * gap.std(ddof=1) / np.sqrt(len(gap))
            told.append(f"{found[place].mean():.3f} ({gap.mean():+.3f} ± {margin:.3f})")
        grid.add_row(f"{weight:g}", *told)
    Console(width=120).print(grid)
    return 0


if __name__ == "__main__":
    sys.exit(main())
