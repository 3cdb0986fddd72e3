"""The house rules that a tool can hold."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import schemas
from schemas.table import Table
from tests.conftest import PROJECT

MODULES = sorted(path for area in ("jobs", "pipelines", "schemas") for path in (PROJECT / area).rglob("*.py"))
PIPELINES = [path for path in MODULES if path.is_relative_to(PROJECT / "pipelines")]
JOBS = sorted((PROJECT / "jobs").glob("*.py"))
STORING = {"publishing", "upkeep"}  # areas that read and write
FORBIDDEN_MODULE_NAMES = {"utils", "common", "misc", "helpers", "base", "manager", "handler"}
TABLES = {
    table.name: table
    for found in pkgutil.iter_modules(schemas.__path__)
    for table in vars(importlib.import_module(f"schemas.{found.name}")).values()
    if isinstance(table, Table)
}


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def attributes(path: Path) -> set[str]:
    return {node.attr for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)}


def imports(path: Path) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(path.read_text()))]
    direct = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    return direct | {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_at_most_250_lines_and_has_a_name_that_means_something(path):
    assert len(path.read_text().splitlines()) <= 250
    assert path.stem not in FORBIDDEN_MODULE_NAMES


@pytest.mark.parametrize("path", [path for path in PIPELINES if not STORING & set(path.parts)], ids=named)
def test_only_publishing_and_upkeep_read_and_write(path):
    assert not attributes(path) & {"read", "write", "writeTo", "saveAsTable", "insertInto"}
    assert "SparkSession" not in path.read_text()


@pytest.mark.parametrize("path", [path for path in PIPELINES if path.name == "stage.py"], ids=named)
def test_a_stage_runs_no_action(path):
    if not STORING & set(path.parts):
        assert not attributes(path) & {"collect", "toPandas", "toLocalIterator", "show", "foreach"}


@pytest.mark.parametrize("path", [path for path in PIPELINES if path.name != "__init__.py"], ids=named)
def test_a_pipeline_module_says_which_kind_it_is(path):
    first = ast.get_docstring(ast.parse(path.read_text())) or ""
    if path.name not in {"config.py", "section.py", "night.py"}:
        assert re.match(r"(Stage|Columns|Kernel): ", first), first.splitlines()[:1]


@pytest.mark.parametrize("path", PIPELINES, ids=named)
def test_a_kernel_imports_no_spark(path):
    source = path.read_text()
    if (ast.get_docstring(ast.parse(source)) or "").startswith("Kernel:") and not STORING & set(path.parts):
        assert not [name for name in imports(path) if name.startswith("pyspark")]


def test_audit_attributes_are_read_by_the_audit_alone():
    naming = {named(path) for path in MODULES if re.search(r"audit_(posting_)?attributes", path.read_text())}
    declared = {"pipelines/config.py", "pipelines/publishing/config.py", "pipelines/fairness/config.py"}
    assert naming == declared | {"jobs/audit_fairness.py", "jobs/read_groups.py", "jobs/weigh_reordering.py"}
    reading = {named(path) for path in MODULES if "jobs.read_groups" in imports(path)}
    assert reading == {f"jobs/{job}.py" for job in ("audit_fairness", "reorder_members", "weigh_reordering")}
    asking = {named(path) for path in MODULES if ".audited_sides" in path.read_text()}
    asked = ("audit_fairness", "check_quality", "publish_night", "run_stage", "weigh_reordering")
    assert asking == {f"jobs/{job}.py" for job in asked}


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_environment_variable_is_read_below_jobs(path):
    if not path.is_relative_to(PROJECT / "jobs"):
        assert not attributes(path) & {"environ", "getenv"}


@pytest.mark.parametrize("path", [path for path in JOBS if path.stem != "__init__"], ids=named)
def test_a_job_is_named_verb_first_and_shadows_no_module(path):
    assert path.stem in {"start"} or "_" in path.stem
    assert path.stem not in __import__("sys").stdlib_module_names


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_a_table_has_its_key_and_its_partition_among_its_columns(table):
    assert set(table.key) | {table.partition} <= set(table.columns)
    assert len(set(table.columns)) == len(table.columns)


def test_the_tables_are_those_that_the_readme_names():
    readme = (PROJECT / "README.md").read_text()
    assert TABLES
    assert [name for name in TABLES if f"`{name}`" not in readme] == []


def test_no_job_is_left_out_of_the_readme():
    readme = (PROJECT / "README.md").read_text()
    runnable = [path.stem for path in JOBS if "def main(argv" in path.read_text()]
    assert [name for name in runnable if name not in readme] == []


def calls(path: Path, *names: str) -> list[ast.Call]:
    nodes = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return [node for node in nodes if getattr(node.func, "attr", getattr(node.func, "id", None)) in names]


def is_put_together(text: ast.expr) -> bool:
    """Whether it is a string that something is written into."""
    if isinstance(text, ast.BinOp):
        return any(isinstance(side, ast.JoinedStr | ast.Constant) for side in (text.left, text.right)) and isinstance(
            text.op, ast.Add | ast.Mod
        )
    formatted = isinstance(text, ast.Call) and isinstance(text.func, ast.Attribute) and text.func.attr == "format"
    return formatted or isinstance(text, ast.JoinedStr)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_no_sql_is_put_together_from_pieces(path):
    asked = [call for call in calls(path, "expr", "sql", "selectExpr", "where", "filter") if call.args]
    assert [ast.unparse(call) for call in asked if is_put_together(call.args[0])] == []


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_jobs_print_on_a_screen_that_rows_have_no_power_over(path):
    assert calls(path, "Console") == []
