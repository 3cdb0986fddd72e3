"""A stand-in for Kubernetes: as much of its API as Spark asks, and a process for each pod of an executor.

What it cannot show: images, volumes, scheduling, permissions. A pod's process has a folder of its own and sees the file
system of this machine.
"""

import json
import subprocess
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import yaml

from tests.submitting import SPARK, environment

_BACKEND = "org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend"
_HERE = "127.0.0.1"
Pod = dict[str, Any]


@dataclass
class Kubernetes:
    """What has been asked of it.

    Args:
        folder: of the pods' folders.
        pods: by name, as they were asked for.
        running: their processes.
    """

    folder: Path
    pods: dict[str, Pod] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def create(self, pod: Pod) -> Pod:
        """The pod, which runs when it is an executor's."""
        name = pod["metadata"].setdefault("name", uuid.uuid4().hex)
        pod["metadata"] |= {
            "uid": uuid.uuid4().hex,
            "resourceVersion": "1",
            "creationTimestamp": "2026-11-02T01:00:00Z",
        }
        with self.lock:
            self.pods[name] = pod
            if pod["metadata"].get("labels", {}).get("spark-role") == "executor":
                self.running[name] = _process(pod, self.folder / name)
        return self.seen(name)

    def seen(self, name: str) -> Pod:
        """The pod with its status."""
        process = self.running.get(name)
        code = process.poll() if process else None
        phase = "Running" if code is None else "Succeeded" if code == 0 else "Failed"
        return self.pods[name] | {"status": {"phase": phase, "startTime": "2026-11-02T01:00:00Z"}}

    def delete(self, name: str) -> None:
        """The pod's process is asked to end."""
        if process := self.running.get(name):
            process.terminate()

    def executors(self) -> list[Pod]:
        """The executors' pods that were asked for."""
        return [self.pods[name] for name in self.running]


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, Kubernetes]]:
    """Its address for Spark's master, and what has been asked; when the block ends, no pod runs."""
    kubernetes = Kubernetes(folder)

    class Handler(_Handler):
        asked = kubernetes

    server = ThreadingHTTPServer((_HERE, 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"k8s://http://{_HERE}:{server.server_port}", kubernetes
    finally:
        server.shutdown()
        for process in kubernetes.running.values():
            process.kill()
            process.wait(60)


class _Handler(BaseHTTPRequestHandler):
    asked: Kubernetes
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self._body()
        is_pod = urlparse(self.path).path.endswith("/pods")
        self._answer(201, self.asked.create(body) if is_pod else body | {"metadata": body["metadata"] | {"uid": "1"}})

    def do_PATCH(self) -> None:
        self._answer(200, self._body())

    def do_GET(self) -> None:
        *_, kind, name = urlparse(self.path).path.split("/")
        if kind == "pods" and name in self.asked.pods:
            self._answer(200, self.asked.seen(name))
        elif name == "pods":
            pods = [self.asked.seen(one) for one in list(self.asked.running)]
            self._answer(
                200, {"kind": "PodList", "apiVersion": "v1", "metadata": {"resourceVersion": "1"}, "items": pods}
            )
        else:
            self._answer(404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 404})

    def do_DELETE(self) -> None:
        self._body()
        name = urlparse(self.path).path.rsplit("/", 1)[1]
        for one in [name] if name in self.asked.running else list(self.asked.running):  # else all that a query names
            self.asked.delete(one)
        self._answer(200, {"kind": "Status", "apiVersion": "v1", "status": "Success"})

    def log_message(self, format: str, *arguments: object) -> None:
        with (self.asked.folder / "requests.log").open("a") as file:
            file.write(format % arguments + "\n")

    def _body(self) -> dict[str, Any]:
        read = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        found: dict[str, Any] = yaml.safe_load(read) if read else {}
        return found

    def _answer(self, code: int, body: object) -> None:
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _process(pod: Pod, folder: Path) -> subprocess.Popen[bytes]:
    """As the entrypoint of Spark's image starts an executor."""
    folder.mkdir(parents=True)
    [container] = pod["spec"]["containers"]
    given = {one["name"]: one.get("value", _HERE) for one in container["env"]}  # the address comes from the cluster
    asked = {
        "driver-url": given["SPARK_DRIVER_URL"],
        "executor-id": given["SPARK_EXECUTOR_ID"],
        "cores": given["SPARK_EXECUTOR_CORES"],
        "app-id": given["SPARK_APPLICATION_ID"],
        "hostname": _HERE,
        "resourceProfileId": given["SPARK_RESOURCE_PROFILE_ID"],
        "podName": pod["metadata"]["name"],
    }
    options = " ".join(value for name, value in sorted(given.items()) if name.startswith("SPARK_JAVA_OPT_"))
    environ = environment() | {
        "HOME": str(folder),
        "SPARK_LOCAL_DIRS": str(folder / "scratch"),
        "SPARK_DAEMON_MEMORY": given["SPARK_EXECUTOR_MEMORY"],
        "SPARK_DAEMON_JAVA_OPTS": options,
    }
    with (folder / "pod.log").open("w") as sink:
        command = [SPARK / "bin" / "spark-class", _BACKEND]
        arguments = [part for name, value in asked.items() for part in (f"--{name}", value)]
        return subprocess.Popen([*command, *arguments], cwd=folder, env=environ, stdout=sink, stderr=sink)
