"""Voices that never met: a group that holds one voice before a pause and another one after it.

Two people who are heard in one block, but never in the same conversation, look like one voice beside the rep: the
eigengap sees "the rep" and "not the rep". What tells them apart is time. So every group is cut at each pause of the
block where its two sides differ more than one voice in one place does; a cut that was wrong is mended when groups are
linked, where the halves of one voice find each other again.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dayline.diarization.clustering import Labels, Vectors, compact, unit

# Nobody speaks for this long: one conversation may have ended here and another begun.
PAUSE_SECONDS = 4.0
# The sides of one voice in one place are hardly ever less alike than this once each holds enough windows.
SIDES_LIKENESS = 0.84
LEAST_SIDE = 6


def parted_at_pauses(
    vectors: Vectors, labels: Labels, starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> Labels:
    """Return the groups of a block with those cut in two whose voice changes over a pause."""
    pauses = np.flatnonzero(starts[1:] - np.maximum.accumulate(ends)[:-1] >= PAUSE_SECONDS) + 1
    out = labels.copy()
    following = int(labels.max()) + 1 if len(labels) else 0
    for group in range(following):
        members = np.flatnonzero(labels == group)
        current = members[:0]
        for side in np.split(members, np.searchsorted(members, pauses)):
            if len(current) >= LEAST_SIDE and len(side) >= LEAST_SIDE and _differ(vectors[current], vectors[side]):
                out[members[members >= side[0]]] = following
                following += 1
                current = side
            else:
                current = np.concatenate([current, side])
    return compact(out)


def _differ(before: Vectors, after: Vectors) -> bool:
    centres = unit(np.stack([before.mean(0), after.mean(0)]))
    return float(centres[0] @ centres[1]) < SIDES_LIKENESS
