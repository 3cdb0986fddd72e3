"""Not part of `make test`: only `make test-airflow` collects this folder."""

import os

collect_ignore_glob = [] if os.environ.get("NIGHTMATCH_TEST_AIRFLOW") else ["test_*.py"]
