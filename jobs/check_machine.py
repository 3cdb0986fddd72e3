"""Say what a machine lacks for Nightmatch, before anything is installed. Standard library only, any Python 3."""

import os
import re
import shutil
import subprocess
import sys

NEEDED_DISK_GIB = 6
NEEDED_MEMORY_GIB = 6


def python_problem():
    """What is wrong with this Python, or None."""
    if sys.version_info[:2] == (3, 11):
        return None
    found = ".".join(map(str, sys.version_info[:2]))
    return (
        "Python 3.11 is needed, this is {}. Install it (Debian: apt install python3.11-venv; macOS: brew install "
        "python@3.11) or say where it is: make demo PYTHON=/path/to/python3.11".format(found)
    )


def java_problem(environ):
    """What is wrong with the JDK that Spark would use, or None."""
    home = environ.get("JAVA_HOME")
    java = os.path.join(home, "bin", "java") if home else shutil.which("java", path=environ.get("PATH"))
    install = (
        "Install one (Debian: apt install openjdk-17-jdk-headless; macOS: brew install openjdk@17) or set JAVA_HOME."
    )
    if not java or not os.path.exists(java):
        return "A JDK 17 or 21 is needed and no java was found. " + install
    text = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    version = re.search(r'version "(\d+)', text)
    if not version or version.group(1) not in ("17", "21"):
        return "A JDK 17 or 21 is needed, {} is {}. {}".format(
            java, version.group(1) if version else "unknown", install
        )
    return None


def disk_problem(folder):
    """What is wrong with the free disk, or None."""
    free = shutil.disk_usage(folder).free / 2**30
    if free >= NEEDED_DISK_GIB:
        return None
    return "{} GiB of free disk are needed here, {:.1f} are free. Free some or move the project.".format(
        NEEDED_DISK_GIB, free
    )


def memory_problem():
    """What is wrong with the memory, or None."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if total >= NEEDED_MEMORY_GIB:
        return None
    return "{} GiB of memory are needed, this machine has {:.1f}.".format(NEEDED_MEMORY_GIB, total)


def main():
    """Exit code: 0 when nothing is lacking, else 2 and what to do on standard error."""
    problems = [python_problem(), java_problem(os.environ), disk_problem("."), memory_problem()]
    for problem in filter(None, problems):
        sys.stderr.write("nightmatch: " + problem + "\n")
    return 2 if any(problems) else 0


if __name__ == "__main__":
    sys.exit(main())
