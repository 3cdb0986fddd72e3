"""Kernel: a place for every vector on a line along which near vectors are near, so that runs of rows are clusters."""

import io
from dataclasses import dataclass
from typing import cast

import faiss
import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage

from pipelines.retrieval.clusters import Places
from pipelines.retrieval.precision import Floats

SAMPLED = 64  # vectors per centre that training looks at
_ITERATIONS = 8
_BLOCK = 4096
_GROWN = 2  # times as many clusters as it has are too many
_DRIFTED = 1.1  # times its distance is too far


@dataclass(frozen=True)
class Quantiser:
    """Centres in the order of their places."""

    centres: Floats  # [n, d]
    distance: float  # mean squared distance of the training vectors to their centres; more says that the data drifted

    def places(self, vectors: Floats) -> Places:
        """Place of the nearest centre of each vector; int32 [n]."""
        return np.concatenate(
            [self._nearest(vectors[i : i + _BLOCK])[0] for i in range(0, max(1, len(vectors)), _BLOCK)]
        )

    def distances(self, vectors: Floats) -> Floats:
        """Squared distance of each vector to its nearest centre; float32 [n]."""
        return np.concatenate(
            [self._nearest(vectors[i : i + _BLOCK])[1] for i in range(0, max(1, len(vectors)), _BLOCK)]
        )

    def fits(self, sample: Floats, clusters: int) -> bool:
        """Whether it serves vectors as near to its centres as those that it was made from, and about so many clusters.

        Args:
            sample: float32 [n, d].
            clusters: how many there should be.
        """
        if self.centres.shape[1] != sample.shape[1] or not clusters / _GROWN <= len(self.centres) <= clusters * _GROWN:
            return False
        return float(self.distances(sample).mean()) <= _DRIFTED * self.distance

    def _nearest(self, vectors: Floats) -> tuple[Places, Floats]:
        halves = (self.centres**2).sum(axis=1) / 2
        gain = vectors @ self.centres.T - halves
        place = gain.argmax(axis=1)
        lengths = (vectors**2).sum(axis=1)
        return place.astype(np.int32), lengths - 2 * gain[np.arange(len(place)), place]


def train(sample: Floats, *, clusters: int, seed: int) -> Quantiser:
    """A quantiser of as many clusters, fewer where the sample has fewer vectors.

    Centres are those of k-means; their order is that of the leaves of a Ward tree over them.

    Args:
        sample: [n, d], best `SAMPLED` times as many vectors as clusters.
    """
    count = min(clusters, len(sample))
    if count < 2:
        centres = sample.mean(axis=0, keepdims=True)
    else:
        clustering = faiss.Kmeans(
            sample.shape[1], count, niter=_ITERATIONS, seed=seed, max_points_per_centroid=SAMPLED,
            min_points_per_centroid=1,
        )  # fmt: skip
        clustering.train(np.ascontiguousarray(sample, dtype=np.float32))
        found = cast(Floats, clustering.centroids)
        centres = found[leaves_list(linkage(found, "ward"))]
    made = Quantiser(np.ascontiguousarray(centres, dtype=np.float32), 0.0)
    return Quantiser(made.centres, float(made.distances(sample).mean()))


def as_bytes(quantiser: Quantiser) -> bytes:
    """What `from_bytes` reads."""
    file = io.BytesIO()
    np.savez(file, centres=quantiser.centres, distance=np.float64(quantiser.distance))
    return file.getvalue()


def from_bytes(data: bytes) -> Quantiser:
    """The quantiser that `as_bytes` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return Quantiser(cast(Floats, arrays["centres"]), float(arrays["distance"]))
