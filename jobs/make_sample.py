"""Write a sample of any size: feeds of postings, members, interactions and saved searches, and the truth apart."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from pyspark.sql import DataFrame

from jobs.start import Context, context, log, parser, run
from pipelines.publishing.artifacts import pointed, replace_text
from pipelines.sample.config import SampleConfig
from pipelines.sample.stage import (
    generate_interactions,
    generate_member_truth,
    generate_members,
    generate_posting_truth,
    generate_postings,
    generate_searches,
)
from schemas.errors import ConfigError

_ROWS_PER_TASK = 10_000


def write_sample(given: Context, config: SampleConfig) -> bool:
    """Whether the sample was written; false when this very sample is there already."""
    folder = given.project / config.location
    recipe = config.model_dump_json()
    if pointed(folder / "recipe.json") == recipe:
        return False
    (folder / "recipe.json").unlink(missing_ok=True)
    seen = int(config.members * config.interactions_per_member)
    for name, rows, generate in (
        ("postings", config.postings, generate_postings),
        ("members", config.members, generate_members),
        ("interactions", seen, generate_interactions),
        ("searches", int(config.members * config.searches_per_member), generate_searches),
        ("truth/postings", config.postings, generate_posting_truth),
        ("truth/members", config.members, generate_member_truth),
    ):
        _write(generate(_numbered(given, rows), config=config), folder / name)
        log.info("sample: %s rows of %s", f"{rows:,}", name)
    replace_text(folder / "recipe.json", recipe)
    return True


def _numbered(given: Context, rows: int) -> DataFrame:
    tasks = max(given.spark.sparkContext.defaultParallelism, rows // _ROWS_PER_TASK)
    return given.spark.range(0, rows, 1, tasks)


def _write(feed: DataFrame, folder: Path) -> None:
    feed.write.mode("overwrite").parquet(str(folder))


def sized(config: SampleConfig | None, asked: argparse.Namespace) -> SampleConfig:
    """The environment's sample, in the size and with the seed asked for.

    Raises:
        ConfigError: the environment describes no sample, or a size is not positive.
    """
    if config is None:
        raise ConfigError(f"conf/{asked.env}.toml has no [sample] section; use --env sample")
    chosen = {name: getattr(asked, name) for name in ("postings", "members", "seed", "location")}
    if any(chosen[name] is not None and chosen[name] < 1 for name in ("postings", "members")):
        raise ConfigError("--postings and --members are at least 1")
    return config.model_copy(update={name: value for name, value in chosen.items() if value is not None})


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = parser(__doc__)
    for name in ("postings", "members", "seed"):
        arguments.add_argument(f"--{name}", type=int, help="instead of the configured number")
    arguments.add_argument("--location", help="folder to write to, instead of the configured one")
    asked = arguments.parse_args(argv)

    def work() -> int:
        given = context(asked)
        config = sized(given.config.sample, asked)
        written = write_sample(given, config)
        log.info("sample %s in %s", "written" if written else "was already there", given.project / config.location)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
