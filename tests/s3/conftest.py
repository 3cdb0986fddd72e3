"""Not part of `make test`: only `make test-s3` collects this folder.

NIGHTMATCH_TEST_S3 is a command that serves S3, as moto_server does.
"""

import os
import socket
import subprocess
import time

import pytest
from pyarrow import fs

collect_ignore_glob = [] if os.environ.get("NIGHTMATCH_TEST_S3") else ["test_*.py"]


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """PyIceberg's properties of an object store that has a bucket `nights`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("s3")
    command = [os.path.abspath(os.environ["NIGHTMATCH_TEST_S3"]), "-H", "127.0.0.1", "-p", str(port)]
    with (folder / "server.log").open("w") as sink:
        process = subprocess.Popen(command, cwd=folder, stdout=sink, stderr=sink)
    try:
        made, end = False, time.monotonic() + 60
        store = fs.S3FileSystem(
            access_key="key",
            secret_key="secret",
            region="eu-central-1",
            endpoint_override=f"http://127.0.0.1:{port}",
            allow_bucket_creation=True,
        )
        while not made:
            try:
                store.create_dir("nights")
                made = True
            except OSError:
                assert time.monotonic() < end, (folder / "server.log").read_text()
                time.sleep(0.5)
        yield {
            "s3.endpoint": f"http://127.0.0.1:{port}",
            "s3.access-key-id": "key",
            "s3.secret-access-key": "secret",
            "s3.region": "eu-central-1",
        }
    finally:
        process.terminate()
        process.wait(30)
