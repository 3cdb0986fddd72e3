"""Kernel: a static student as a folder that sentence-transformers loads as it is, without code of ours."""

from pathlib import Path

from pipelines.distillation.static import StaticStudent

_WEIGHTS = "model.safetensors"


def write_static_student(student: StaticStudent, folder: Path) -> None:
    """`SentenceTransformer(str(folder))` gives the student's vectors from now on, from a quarter of the bytes.

    The weights are whole numbers of one byte and a step per token, which the library multiplies out as it loads them.

    Args:
        folder: exists; files of the same names are overwritten.
    """
    import numpy as np
    from safetensors.numpy import save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    first = StaticEmbedding(student.tokenizer, embedding_weights=np.zeros((1, student.table.shape[1]), np.float32))
    SentenceTransformer(modules=[first, Normalize()], device="cpu").save_pretrained(
        str(folder), create_model_card=False
    )
    [weights] = folder.rglob(_WEIGHTS)
    save_file({"embeddings": student.table, "weights": student.scales}, str(weights))
    weights.chmod(0o644)  # safetensors writes 0600, and executors may be another account
