"""Make the current student of an environment the one that comes with Nightmatch, in the source tree.

Its card says what jobs.evaluate_student has measured in this environment.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from jobs.start import log, run
from pipelines.config import load_config
from pipelines.distillation.card import measured
from pipelines.distillation.shipped import ship
from pipelines.publishing.store import Store

_SHIPPED = Path("pipelines/embedding/default_student")


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code of the job."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--env", required=True, help="which conf/<env>.toml overlays conf/base.toml")
    arguments.add_argument("--conf-dir", type=Path, default=Path("conf"), help="folder of the configuration")
    asked = arguments.parse_args(argv)

    def work() -> int:
        conf_dir = asked.conf_dir.absolute()
        store = Store.at(load_config(conf_dir, asked.env, os.environ).storage, conf_dir.parent)
        reports = sorted(store.root.glob("reports/*/student_evaluation_*.json"), key=lambda path: path.stat().st_mtime)
        figures = {
            path.name: json.loads(path.read_text(encoding="utf-8")) for path in reports
        }  # the latest of each set
        told = measured([one for name in sorted(figures) for one in figures[name]])
        shipped = ship(store.models, conf_dir.parent / _SHIPPED, told)
        log.info("student %s lies in %s", shipped.student_id, _SHIPPED)
        return 0

    return run(work)


if __name__ == "__main__":
    sys.exit(main())
