"""Environments that foreign engines run in, each made once from pinned requirements.

python -m benchmarks.peers.environments hnswlib_graph
"""

import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

ENVIRONMENTS = Path(__file__).parents[2] / "var" / "bench" / "envs"

# By script. What is not here runs in the project's environment. autofaiss needs numpy < 2, so that none can share.
REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "autofaiss_index": ("autofaiss==2.18.0", "faiss-cpu==1.15.1", "numpy==1.26.4", "pyarrow==23.0.1"),
    "hnswlib_graph": ("hnswlib==0.8.0", "numpy==2.4.6"),
    "implicit_topk": ("implicit==0.7.3", "numpy==2.4.6", "scipy==1.17.1"),
    "replay_hnswlib": (
        "replay-rec[spark]==0.22.0",
        "fixed-install-nmslib==2.1.2",
        "hnswlib==0.8.0",
        "numpy==2.4.6",
        "pyarrow==23.0.1",
        "pyspark==4.3.0",
        "setuptools==84.2.1",
    ),
}


def python_for(script: str) -> Path:
    """The interpreter that runs the script of this name, its environment made if there is none yet.

    Raises:
        subprocess.CalledProcessError: pip could not install what is pinned.
    """
    if script not in REQUIREMENTS:
        return Path(sys.executable)
    folder = ENVIRONMENTS / script
    python, pinned = folder / "bin" / "python", folder / "pinned.txt"
    wanted = "\n".join(REQUIREMENTS[script])
    if not (pinned.exists() and pinned.read_text() == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS[script]], check=True)
        pinned.write_text(wanted)  # last, so that a broken installation is begun again
    return python


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code, the interpreter of each script named having been printed."""
    for script in argv or sys.argv[1:] or REQUIREMENTS:
        sys.stdout.write(f"{python_for(script)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
