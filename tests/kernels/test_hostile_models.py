"""A model is read from safetensors, by the library's own code; anything else is refused before anything of it runs."""

import json
import os
import pickle
import shutil
from pathlib import Path

import pytest

from pipelines.distillation.students import current_student, promote, student
from pipelines.embedding.encoders import safe_model
from pipelines.embedding.student import load_student
from pipelines.evaluation.models import open_folder
from pipelines.publishing import artifacts
from pipelines.teaching.bi_encoder import load_bi_encoder
from pipelines.teaching.config import CrossEncoderConfig
from pipelines.teaching.cross_encoder import load_cross_encoder
from schemas.errors import ArtifactError
from tests.conftest import PROJECT

SHIPPED = PROJECT / "pipelines" / "embedding" / "default_student"
CODE = "import pathlib\npathlib.Path({ran!r}).touch()\nfrom sentence_transformers.base.modules import Module\n"


class Bomb:
    """What runs when it is unpickled."""

    def __init__(self, ran: Path) -> None:
        self.ran = ran

    def __reduce__(self):
        return (os.mkdir, (str(self.ran),))


def custom_code(folder: Path, ran: Path) -> None:
    (folder / "evil.py").write_text(CODE.format(ran=str(ran)) + "class Evil(Module): pass\n")


def named_module(folder: Path, ran: Path) -> None:
    """modules.json asks for a class in a file of the folder."""
    custom_code(folder, ran)
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = "evil.Evil"
    (folder / "modules.json").write_text(json.dumps(modules))


def installed_module(folder: Path, ran: Path) -> None:
    """modules.json asks for a module of the machine's, whose import does something."""
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["type"] = "antigravity.fly"
    (folder / "modules.json").write_text(json.dumps(modules))


def auto_map(folder: Path, ran: Path) -> None:
    """config.json sends a model's classes to a file of the folder."""
    custom_code(folder, ran)
    mapped = {"model_type": "evil", "auto_map": {"AutoModel": "evil.Evil", "AutoConfig": "evil.Evil"}}
    (folder / "config.json").write_text(json.dumps(mapped))


def auto_map_alone(folder: Path, ran: Path) -> None:
    """The code lies elsewhere: `repository--module.Class` is fetched."""
    (folder / "tokenizer_config.json").write_text(json.dumps({"auto_map": {"AutoTokenizer": ["x/y--evil.Evil", None]}}))


def pickled(folder: Path, ran: Path) -> None:
    """The weights are a pickle, and there are no others."""
    next(folder.rglob("*.safetensors")).unlink()
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(ran)))


def pickled_beside(folder: Path, ran: Path) -> None:
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Bomb(ran)))


def broken_modules(folder: Path, ran: Path) -> None:
    (folder / "modules.json").write_text("[" * 100_000)


EVIL = [named_module, installed_module, auto_map, auto_map_alone, pickled, pickled_beside, broken_modules]


def sealed(models: Path, spoil, ran: Path, name: str = "0123456789ab") -> Path:
    """A student whose manifest is right for what it holds: whoever can write the one can write the other."""
    folder = models / name
    shutil.copytree(SHIPPED, folder)
    (folder / artifacts.MANIFEST).unlink()
    spoil(folder, ran)
    artifacts.seal(folder, kind="student", artifact_id=name, dimension=256, parents={}, recipe={})
    return folder


def test_unpickling_what_the_tests_hide_would_run_it(tmp_path):
    pickle.loads(pickle.dumps(Bomb(tmp_path / "ran")))
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("spoil", EVIL)
def test_a_sealed_student_that_would_run_code_is_refused_and_nothing_runs(tmp_path, spoil):
    ran, folder = tmp_path / "ran", sealed(tmp_path / "models", spoil, tmp_path / "ran")
    artifacts.verify(folder, kind="student")
    for load in (
        lambda: student(folder.parent, folder.name),
        lambda: promote(folder.parent, folder.name),
        lambda: load_student(folder, 8),
        lambda: safe_model(folder),
    ):
        with pytest.raises(ArtifactError, match="without code"):
            load()
    assert not ran.exists()
    assert not (folder.parent / "current").exists()


@pytest.mark.parametrize("spoil", EVIL)
def test_a_teacher_or_a_folder_that_would_run_code_is_refused_and_nothing_runs(tmp_path, spoil):
    ran, folder = tmp_path / "ran", sealed(tmp_path / "models", spoil, tmp_path / "ran")
    for load in (
        lambda: load_bi_encoder(str(folder)),
        lambda: load_cross_encoder(CrossEncoderConfig(kind="cross_encoder", model=str(folder))),
        lambda: open_folder(folder, 8),
    ):
        with pytest.raises(ArtifactError, match="without code"):
            load()
    assert not ran.exists()


@pytest.mark.parametrize("spoil", EVIL)
def test_a_student_that_is_tampered_with_after_it_was_sealed_is_refused(tmp_path, spoil):
    folder = sealed(tmp_path / "models", lambda folder, ran: None, tmp_path / "ran")
    artifacts.point(folder.parent / "current", folder.name)
    assert current_student(folder.parent).student_id == folder.name
    spoil(folder, tmp_path / "ran")
    for load in (lambda: current_student(folder.parent), lambda: load_student(folder, 8)):
        with pytest.raises(ArtifactError, match="is damaged"):
            load()
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../outside", ".."])
def test_a_manifest_that_names_files_outside_its_folder_is_broken_and_nothing_is_copied(tmp_path, name):
    folder = tmp_path / "evil"
    folder.mkdir()
    (tmp_path / "outside").write_text("as it was")
    (folder / "a").write_text("x")
    artifacts.seal(folder, kind="student", artifact_id="evil", dimension=1, parents={}, recipe={})
    manifest = json.loads((folder / artifacts.MANIFEST).read_text())
    manifest["files"] = {name: "0" * 64}
    (folder / artifacts.MANIFEST).write_text(json.dumps(manifest))
    for read in (lambda: artifacts.verify(folder, kind="student"), lambda: artifacts.copy(folder, tmp_path / "copy")):
        with pytest.raises(ArtifactError, match="is broken"):
            read()
    assert (tmp_path / "outside").read_text() == "as it was"
    assert not (tmp_path / "copy").exists()
