"""Estimate a night of any size before it is run: time per stage, executors, memory, disk, network and cost."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_origin

from jobs.start import log, run
from pipelines.config import load_config
from pipelines.planning.config import CapacityConfig, checked
from pipelines.planning.constants import measured
from pipelines.planning.plan import plan
from pipelines.planning.report import as_record, print_plan
from pipelines.publishing.artifacts import write_json
from pipelines.reporting.terminal import Terminal


def number(text: str) -> float:
    """A number; a whole one is an int, so that 100e6 counts members."""
    value = float(text)
    return int(value) if value.is_integer() else value


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = argparse.ArgumentParser(description=__doc__)
    for name, field in CapacityConfig.model_fields.items():
        kind = str if get_origin(field.annotation) is Literal else number
        needed = name in ("members", "postings")
        arguments.add_argument(f"--{name.replace('_', '-')}", type=kind, required=needed, help=field.description)
    arguments.add_argument("--env", default="sample", help="which conf/<env>.toml says how a night is cut into tasks")
    arguments.add_argument("--conf-dir", type=Path, default=Path("conf"), help="folder of the configuration")
    arguments.add_argument("--json", type=Path, help="file for the plan with all its numbers")
    asked = arguments.parse_args(argv)

    def work() -> int:
        config = load_config(asked.conf_dir.absolute(), asked.env, os.environ)
        configured = {
            "dimension": config.distillation.dimension,
            "matches": config.retrieval.matches_per_member,
            "recommendations": config.ranking.recommendations_per_member,
            "members_per_posting": config.retrieval.members_per_posting,
        }
        given = {name: value for name in CapacityConfig.model_fields if (value := getattr(asked, name)) is not None}
        planned = plan(checked(configured | given), config.retrieval, measured())
        print_plan(Terminal(), planned, measured())
        if asked.json:
            write_json(asked.json, as_record(planned))
            log.info("the plan is in %s", asked.json)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
