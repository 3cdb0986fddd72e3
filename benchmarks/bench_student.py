"""Quality and speed of students, teacher and keyword matching, side by side in one run.

    python -m benchmarks.bench_student --env sample --run-date 2026-11-02

Quality: every set that is there; the others are skipped, and why is said. Speed: texts of about 256 word pieces per
second on one thread, the models by turns, the median of the repetitions; then the same texts through the Spark stage in
two tasks beside two bare processes with a thread each.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from pyspark.sql import DataFrame
from rich.console import Console
from rich.table import Table as Grid
from tokenizers import Tokenizer

from jobs.evaluate_student import add_truth_sizes, evaluation_set, shelf
from jobs.start import Context, context, parser, run
from pipelines.distillation.students import StudentArtifact, current_student
from pipelines.embedding.stage import encode_texts
from pipelines.embedding.student import load_student
from pipelines.evaluation.figures import evaluate
from pipelines.evaluation.models import Model, named_models
from pipelines.evaluation.summary import figure_grid
from pipelines.sample.draws import Draws
from pipelines.sample.phrases import BENEFITS, CLOSINGS, MEMBER_LINES, OPENINGS, SHIFT_LINES
from schemas import columns as c
from schemas.errors import NightmatchError

PIECES = 256
CORES = 2
TEACHER_TEXTS = 64  # a call of the first model; it reads some ten a second, and more of them would not be faster
SETS = (
    "../shared/data/melo_us_en",
    "var/student/benchmarks/onet_held_out",
    "var/student/benchmarks/federal_held_out",
    "truth",
)
MODELS = ("teacher", "current", "current:128", "current:64", "bm25", "tfidf", "tfidf-chars")

console = Console(width=150)


def timing_texts(count: int, tokenizer: Tokenizer, seed: int) -> list[str]:
    """Texts of the sample's phrases, the same for the same seed, each of just at least 256 word pieces."""
    phrases = [phrase for kind in (OPENINGS, BENEFITS, CLOSINGS, MEMBER_LINES, SHIFT_LINES) for phrase in kind]
    pieces = {phrase: len(tokenizer.encode(phrase, add_special_tokens=False).ids) for phrase in phrases}
    texts = []
    for row in range(count):
        draws, chosen, length = Draws(seed, "bench", row), list[str](), 0
        while length < PIECES:
            chosen.append(draws.pick(phrases))
            length += pieces[chosen[-1]]
        texts.append(" ".join(chosen))
    return texts


def quality(given: Context, sets: Sequence[str], models: Sequence[Model], sizes: argparse.Namespace) -> None:
    """A table per set that is there."""
    for name in sets:
        try:
            benchmark = evaluation_set(given, name, members=sizes.members, postings=sizes.postings)
        except NightmatchError as absent:
            console.print(f"skipped {name}: {str(absent).splitlines()[0]}")
            continue
        console.print(figure_grid(evaluate(benchmark, {model.method: model.rank for model in models})))


def speed(models: Sequence[Model], texts: Sequence[str], calls: Sequence[int], repetitions: int) -> None:
    """Texts per second of every model that embeds, by turns, and its size on disk."""
    embedding = list({model.folder: model for model in models if model.encode and model.folder}.values())
    grid = Grid(
        "model", *(f"{size:,} a call" for size in calls), "to the first", "MiB on disk", title="texts per second"
    )
    rates: dict[str, list[float]] = {model.method: [] for model in embedding}
    for size in calls:
        reads = {m.method: texts[: min(size, TEACHER_TEXTS) if m is embedding[0] else size] for m in embedding}
        seconds = alternated({m.method: call_of(m, reads[m.method]) for m in embedding}, repetitions)
        for method, median in seconds.items():
            rates[method].append(len(reads[method]) / median)
    for model in embedding:
        own, first = rates[model.method], rates[embedding[0].method]
        ratios = " / ".join(f"{one / other:,.1f}" for one, other in zip(own, first, strict=True))
        size_mib = sum(path.stat().st_size for path in Path(str(model.folder)).rglob("*") if path.is_file()) / 2**20
        grid.add_row(model.method, *(f"{rate:,.0f}" for rate in own), ratios, f"{size_mib:.0f}")
    console.print(grid)


def call_of(model: Model, texts: Sequence[str]) -> Callable[[], float]:
    """The call that is measured."""
    encode = model.encode
    assert encode is not None
    return timed(lambda: encode(texts))


def timed(call: Callable[[], object]) -> Callable[[], float]:
    """The same call; it says how many seconds it took."""

    def measured() -> float:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    return measured


def alternated(calls: dict[str, Callable[[], float]], repetitions: int) -> dict[str, float]:
    """Median seconds of each call; one round to warm up, then all by turns."""
    rounds = [{name: call() for name, call in calls.items()} for _ in range(repetitions + 1)]
    return {name: statistics.median(seconds[name] for seconds in rounds[1:]) for name in calls}


def spark_share(given: Context, student: StudentArtifact, texts: Sequence[str], repetitions: int) -> None:
    """The rate of the embedding stage over that of as many bare processes."""
    halves = [list(texts[i::CORES]) for i in range(CORES)]
    batch = given.config.embedding.batch_texts
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(CORES, mp_context=get_context("spawn")) as pool,
    ):
        rows = given.spark.createDataFrame([(str(i), text) for i, text in enumerate(texts)], [c.CONTENT_HASH, c.TEXT])
        rows.repartition(CORES, c.CONTENT_HASH).write.parquet(f"{folder}/texts")
        stored = given.spark.read.parquet(f"{folder}/texts").coalesce(CORES)

        def bare() -> float:
            return max(pool.map(encode_bare, [student.folder] * CORES, [batch] * CORES, halves))

        seconds = alternated(
            {"bare": bare, "stage": timed(lambda: encode_in_spark(given, student, stored))}, repetitions
        )
    rates = {name: len(texts) / median for name, median in seconds.items()}
    console.print(
        f"{len(texts):,} texts on {CORES} cores: bare processes {rates['bare']:,.0f} a second, Spark stage "
        f"{rates['stage']:,.0f} a second, ratio {rates['stage'] / rates['bare']:.2f}"
    )


def encode_bare(folder: Path, batch_texts: int, texts: Sequence[str]) -> float:
    """Seconds that a process takes without Spark; handing over texts and vectors is not counted."""
    return timed(partial(load_student(folder, batch_texts).encode, texts))()


def encode_in_spark(given: Context, student: StudentArtifact, texts: DataFrame) -> None:
    """The embedding stage; its rows are computed and thrown away."""
    vectors = encode_texts(
        texts,
        partial(load_student, student.folder, given.config.embedding.batch_texts),
        student_id=student.student_id,
        night=given.night,
    )
    vectors.write.format("noop").mode("overwrite").save()


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the benchmark."""
    arguments = parser(__doc__)
    arguments.add_argument("--sets", nargs="*", default=SETS, help="folders of benchmarks, `truth`; absent: skipped")
    arguments.add_argument("--models", nargs="+", default=MODELS, help="first: compared with")
    arguments.add_argument("--calls", nargs="+", type=int, default=(32, 1_024), help="texts per timed call")
    arguments.add_argument("--repetitions", type=int, default=5, help="of which the median counts; 0: no timing")
    arguments.add_argument("--spark-texts", type=int, default=160_000, help="texts through Spark; 0: not measured")
    arguments.add_argument("--seed", type=int, default=7, help="of the timing texts")
    add_truth_sizes(arguments)
    arguments.set_defaults(postings=2_000)  # the teacher reads some twenty of them a second
    asked = arguments.parse_args(argv)
    # one thread here, in the bare processes and in Spark's workers
    os.environ.update({"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"})

    def work() -> int:
        import torch

        given = context(asked)
        torch.set_num_threads(1)
        models = named_models(asked.models, shelf(given))
        student = current_student(given.store.models)
        tokenizer = Tokenizer.from_file(str(next(student.folder.rglob("tokenizer.json"))))
        texts = timing_texts(max(*asked.calls, asked.spark_texts), tokenizer, asked.seed)
        quality(given, asked.sets, models, asked)
        if asked.repetitions:
            speed(models, texts, asked.calls, asked.repetitions)
        if asked.repetitions and asked.spark_texts:
            spark_share(given, student, texts[: asked.spark_texts], asked.repetitions)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
