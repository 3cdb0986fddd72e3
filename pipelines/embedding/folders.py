"""Kernel: model folders, looked through before anything in them is loaded."""

import json
from pathlib import Path

from schemas.errors import ArtifactError, listed

_PICKLES = frozenset({".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib"})
_LIBRARY = "sentence_transformers."  # whose modules alone a folder may ask for


def raise_if_unsafe(folder: Path, name: str) -> None:
    """Pass when loading what is in the folder runs nobody's code: weights are safetensors, modules the library's own.

    A manifest says that a folder is as it was written, not who wrote it.

    Args:
        folder: of a sentence-transformers model.
        name: what messages call it.

    Raises:
        ArtifactError: it is not so; all that is wrong is listed.
    """
    wrong = [
        f"{path.relative_to(folder)}: {problem}"
        for path in sorted(folder.rglob("*"))
        if (problem := _problem(path)) is not None
    ]
    if wrong:
        raise ArtifactError(listed(f"{name} must come as safetensors and without code; it does not:", wrong))


def _problem(path: Path) -> str | None:
    if path.suffix in _PICKLES:
        return "a pickle, or what is loaded as one"
    if path.suffix == ".py":
        return "code"
    return _asks_for_code(path) if path.name == "modules.json" or path.name.endswith("config.json") else None


def _asks_for_code(path: Path) -> str | None:
    """What in a configuration names code outside the library; None: nothing."""
    try:
        told = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return "no JSON"
    parts = [part for part in (told if isinstance(told, list) else [told]) if isinstance(part, dict)]
    if any("auto_map" in part for part in parts):
        return "auto_map names code of its own"
    kinds = [str(part.get("type")) for part in parts] if path.name == "modules.json" else []
    outside = [kind for kind in kinds if not kind.startswith(_LIBRARY)]
    return f"module {outside[0]!r} is not one of {_LIBRARY.rstrip('.')}" if outside else None
