"""What conf/ ships for clusters is what Kubernetes, Spark and pip read."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

import grimp
import kubernetes_validate
import pytest
import yaml

from schemas import errors
from tests.conftest import PROJECT

FOLDER = PROJECT / "conf" / "kubernetes"
OBJECTS = {
    f"{path.name}: {one['kind']}": one for path in FOLDER.glob("*.yaml") for one in yaml.safe_load_all(path.read_text())
}
CRON_JOB = OBJECTS["nightly.yaml: CronJob"]["spec"]["jobTemplate"]["spec"]
DRIVER = CRON_JOB["template"]["spec"]
EXECUTOR = OBJECTS["executor.yaml: Pod"]["spec"]


def properties():
    lines = (line.split(None, 1) for line in (FOLDER / "spark.conf").read_text().splitlines())
    return {parts[0]: parts[1].strip() for parts in lines if parts and not parts[0].startswith("#")}


@pytest.mark.parametrize("name", OBJECTS)
def test_every_object_is_of_its_schema_with_no_field_that_kubernetes_does_not_know(name):
    kubernetes_validate.validate(OBJECTS[name], kubernetes_validate.latest_version(), strict=True)


def test_driver_and_executors_share_a_file_system_a_user_and_an_image():
    shared = {"name": "shared", "mountPath": "/shared"}
    for pod in (DRIVER, EXECUTOR):
        assert shared in pod["containers"][0]["volumeMounts"]
        assert pod["volumes"][0]["persistentVolumeClaim"]["claimName"] == "nightmatch"
    assert DRIVER["securityContext"] == EXECUTOR["securityContext"]
    assert DRIVER["containers"][0]["image"] == properties()["spark.kubernetes.container.image"]


def test_executors_find_the_driver_by_its_service():
    service, given = OBJECTS["nightly.yaml: Service"], properties()
    at = f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc"
    assert given["spark.driver.host"] == at
    ports = {str(port["port"]) for port in service["spec"]["ports"]}
    assert ports == {given["spark.driver.port"], given["spark.driver.blockManager.port"]}
    assert service["spec"]["selector"].items() <= CRON_JOB["template"]["metadata"]["labels"].items()


def test_no_failure_is_tried_again_but_a_date_that_another_run_holds():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "exit_code")]
    lasting = {kind.exit_code for kind in kinds if kind is not errors.NightmatchError and not kind.passes}
    [rule] = CRON_JOB["podFailurePolicy"]["rules"]
    assert (rule["action"], rule["onExitCodes"]["operator"]) == ("FailJob", "In")
    assert set(rule["onExitCodes"]["values"]) == lasting
    assert DRIVER["restartPolicy"] == "Never"  # else the rules are not asked


def executors_packages():
    lines = (PROJECT / "conf" / "executors.txt").read_text().splitlines()
    return {line for line in lines if not line.startswith("#")}


def test_executors_need_no_package_that_the_project_does_not():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    assert executors_packages() < {re.split(r"[^\w-]", one)[0] for one in project["dependencies"]}


def test_executors_have_every_package_that_their_tasks_import():
    graph = grimp.build_graph("pipelines", "schemas", include_external_packages=True)
    of_import = {name: found[0].lower().replace("_", "-") for name, found in packages_distributions().items()}
    theirs = {"pyspark", "huggingface-hub", "safetensors", "tokenizers"}  # Spark's, sentence-transformers'
    given = executors_packages() | theirs
    working = {
        ".".join(path.relative_to(PROJECT).with_suffix("").parts)
        for path in (PROJECT / "pipelines").rglob("*.py")
        if re.search(r"\.mapIn(Arrow|Pandas)\(|arrow_udf\(", path.read_text())
    } - {"pipelines.publishing.tables"}  # whose tasks are those of `writing`
    handed = {"pipelines.embedding.student", "pipelines.embedding.wish_encoder"}  # to `embedding.stage`, by a job
    handed |= {"pipelines.searches.reading", "pipelines.ingest.members", "pipelines.ingest.postings"}  # `wire`
    assert len(working) > 10
    for module in working | handed:
        imported = {name.split(".")[0] for name in graph.find_upstream_modules(module)}
        packages = {of_import[name] for name in imported - sys.stdlib_module_names if name in of_import}
        assert packages - {"nightmatch"} <= given, module
