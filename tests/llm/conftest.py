"""Not part of `make test`: only `make test-llm` collects this folder."""

import os

collect_ignore_glob = [] if os.environ.get("NIGHTMATCH_TEST_LLM") else ["test_*.py"]
