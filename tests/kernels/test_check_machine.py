"""A machine that lacks something is told what to install or change, before anything is installed."""

import collections
import subprocess
import sys

import pytest

from jobs import check_machine
from tests.conftest import PROJECT

Usage = collections.namedtuple("Usage", "total used free")
Version = collections.namedtuple("Version", "major minor micro releaselevel serial")


def java(folder, version):
    """A java that says it is of this version."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "java"
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\n")
    program.chmod(0o755)
    return {"JAVA_HOME": str(folder)}


@pytest.mark.parametrize("version", ["17.0.15", "21.0.2"])
def test_a_jdk_17_or_21_will_do(tmp_path, version):
    assert check_machine.java_problem(java(tmp_path, version)) is None


@pytest.mark.parametrize("version", ["11.0.2", "1.8.0_202", "25"])
def test_another_jdk_is_named_with_what_to_install(tmp_path, version):
    problem = check_machine.java_problem(java(tmp_path, version))
    assert f"is {version.split('.')[0]}." in problem
    assert "openjdk-17-jdk" in problem


def test_a_machine_without_java_is_told_to_install_one():
    assert "no java was found. Install one" in check_machine.java_problem({"PATH": ""})


def test_another_python_is_told_which_is_needed(monkeypatch):
    assert check_machine.python_problem() is None
    monkeypatch.setattr(sys, "version_info", Version(3, 13, 0, "final", 0))
    assert "Python 3.11 is needed, this is 3.13" in check_machine.python_problem()


def test_a_full_disk_is_told_how_much_is_needed(monkeypatch, tmp_path):
    monkeypatch.setattr(check_machine.shutil, "disk_usage", lambda folder: Usage(10 * 2**30, 9 * 2**30, 2**30))
    assert "6 GiB of free disk are needed here, 1.0 are free" in check_machine.disk_problem(tmp_path)


def test_a_small_memory_is_told_how_much_is_needed(monkeypatch):
    monkeypatch.setattr(check_machine.os, "sysconf", lambda name: 4096 if name == "SC_PAGE_SIZE" else 2**20)
    assert "6 GiB of memory are needed, this machine has 4.0" in check_machine.memory_problem()


def test_the_script_ends_with_2_and_says_so_on_standard_error():
    done = subprocess.run(
        [sys.executable, PROJECT / "jobs" / "check_machine.py"],
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "nightmatch: A JDK 17 or 21 is needed" in done.stderr
