"""The night under Spark's scheduler for Kubernetes, by the files of conf/kubernetes/; pods are processes."""

import kubernetes_validate
import pytest
import yaml

from tests.cluster.conftest import EXECUTORS_PYTHON, submission
from tests.cluster.kubernetes import serving
from tests.conftest import PROJECT
from tests.night_rows import published_rows

FOLDER = PROJECT / "conf" / "kubernetes"
TEMPLATE = yaml.safe_load((FOLDER / "executor.yaml").read_text())
HERE = {  # what the files say of a cluster, for this machine
    "spark.kubernetes.executor.podTemplateFile": str(FOLDER / "executor.yaml"),
    "spark.kubernetes.executor.enableApiWatcher": "false",  # it is asked instead
    "spark.kubernetes.executor.apiPollingInterval": "5s",
    "spark.kubernetes.driver.pod.name": "driver",
    "spark.driver.port": "0",
    "spark.driver.blockManager.port": "0",
    "spark.executor.memoryOverhead": "1g",
}
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def night(founded, code, tmp_path_factory):
    """A night whose driver runs in a pod, and the executors' pods that it has asked for."""
    town = founded(tmp_path_factory.mktemp("shared") / "town")
    (town.project / "pods").mkdir()
    with serving(town.project / "pods") as (master, kubernetes):
        kubernetes.create({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "driver"}, "spec": {}})
        options = ("--properties-file", str(FOLDER / "spark.conf"))
        there = submission(town.project / "work", code, master, EXECUTORS_PYTHON, *options, **HERE)
        there.run("run_nightly", *town.argv())
        return town, kubernetes.executors()


def test_the_night_is_that_of_one_machine_row_for_row(night, local):
    town, _ = night
    assert published_rows(town.project) == published_rows(local.project)


def test_the_executors_pods_are_those_of_the_template_and_of_the_schema(night):
    _, pods = night
    assert len(pods) >= 2
    for pod in pods:
        kubernetes_validate.validate(pod, kubernetes_validate.latest_version(), strict=True)
        assert pod["metadata"]["ownerReferences"][0]["name"] == "driver"  # gone with the driver
        assert pod["spec"]["serviceAccountName"] == "nightmatch"
        assert pod["spec"]["securityContext"] == TEMPLATE["spec"]["securityContext"]
        container = pod["spec"]["containers"][0]
        assert container["image"] == "registry.example/nightmatch:1"
        assert all(mount in container["volumeMounts"] for mount in TEMPLATE["spec"]["containers"][0]["volumeMounts"])
        assert all(volume in pod["spec"]["volumes"] for volume in TEMPLATE["spec"]["volumes"])
        given = {one["name"]: one.get("value") for one in container["env"]}
        assert given["SPARK_LOCAL_DIRS"] == "/scratch"
