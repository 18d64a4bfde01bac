"""Join the sound tracks of a file, each on the recording's clock, to one voice track."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from av import AudioFrame
from numpy.typing import NDArray

from dayline.audio.channels import Mixer
from dayline.audio.level import largest
from dayline.audio.recording_clock import RecordingClock
from dayline.audio.stream_facts import StreamFacts
from dayline.domain.clip import SAMPLE_RATE_HZ

_BLOCK = 10 * SAMPLE_RATE_HZ
_MOST_HELD = 30 * 60 * SAMPLE_RATE_HZ
"""A track that lags behind another by more than half an hour is left out, so that memory stays bounded."""
_AUDIBLE = 1e-4
_BEYOND_ANY_SCALE = 2.0**32

Voice = NDArray[np.float32]


class VoiceTrack:
    """One sound track: frames in, mono blocks on the recording's clock out."""

    def __init__(self, clock: RecordingClock, facts: StreamFacts) -> None:
        self._clock, self._facts = clock, facts
        self._mixer = Mixer()
        self._has_broken_samples = False
        self.has_sound = False

    def push(self, frame: AudioFrame) -> Iterator[Voice]:
        """Take a frame and yield what is ready."""
        for block in self._clock.push(frame):
            yield self._mixed(block)

    def finish(self) -> Iterator[Voice]:
        """Yield what is still held, and note how the channels were treated."""
        for block in self._clock.finish():
            yield self._mixed(block)
        self._facts.warnings += self._mixer.warnings("channel")
        if self._has_broken_samples:
            self._facts.warnings.append(
                "Some samples are no numbers (NaN, infinite or beyond any scale); they were replaced by silence."
            )

    def _mixed(self, block: NDArray[np.float32]) -> Voice:
        # One such sample would turn the offset, and with it the whole block, into nonsense.
        if not largest(block) <= _BEYOND_ANY_SCALE:
            self._has_broken_samples = True
            block = np.where(np.abs(block) <= _BEYOND_ANY_SCALE, block, np.float32(0))
        mono = self._mixer.mix(block)
        self.has_sound = self.has_sound or largest(mono) > _AUDIBLE
        return mono


class JoinedTracks:
    """All sound tracks of a file as one. A single track passes through."""

    def __init__(self, tracks: dict[int, VoiceTrack], facts: StreamFacts) -> None:
        self._tracks, self._facts = tracks, facts
        self._held: dict[int, list[Voice]] = {index: [] for index in tracks}
        self._mixer = Mixer()
        self._late: set[int] = set()

    def push(self, index: int, frame: AudioFrame) -> Iterator[Voice]:
        """Take a frame of one track and yield what is ready of all."""
        blocks = self._tracks[index].push(frame)
        if len(self._tracks) == 1:
            yield from blocks
            return
        for block in blocks:
            if index not in self._late:
                self._held[index].append(block)
        yield from self._join()

    def finish(self) -> Iterator[Voice]:
        """Yield what is still held, and note how the tracks were treated."""
        if len(self._tracks) == 1:
            for track in self._tracks.values():
                yield from track.finish()
            return
        for index, track in self._tracks.items():
            rest = list(track.finish())
            if index not in self._late:
                self._held[index] += rest
        longest = max(self._lengths().values(), default=0)
        while longest > 0:
            count = min(longest, _BLOCK)
            yield self._take(count)
            longest -= count
        self._report_tracks()

    def _lengths(self) -> dict[int, int]:
        return {i: sum(len(b) for b in held) for i, held in self._held.items() if i not in self._late}

    def _join(self) -> Iterator[Voice]:
        lengths = self._lengths()
        while min(lengths.values()) >= _BLOCK:
            yield self._take(_BLOCK)
            lengths = self._lengths()
        while max(lengths.values()) > _MOST_HELD:
            self._late |= {i for i, length in lengths.items() if length < _BLOCK}
            yield self._take(_BLOCK)
            lengths = self._lengths()

    def _take(self, count: int) -> Voice:
        """Return the next `count` samples of all tracks together; tracks that have ended are silent."""
        sides = np.zeros((len(self._held), count), np.float32)
        for row, index in enumerate(self._held):
            filled = 0
            held = self._held[index]
            while held and filled < count:
                piece = held[0][: count - filled]
                sides[row, filled : filled + len(piece)] = piece
                filled += len(piece)
                if len(piece) == len(held[0]):
                    held.pop(0)
                else:
                    held[0] = held[0][len(piece) :]
        return self._mixer.mix(sides)

    def _report_tracks(self) -> None:
        sounding = sum(track.has_sound for track in self._tracks.values())
        if sounding > 1:
            self._facts.warnings.append(f"The file holds {sounding} sound tracks with sound; they were mixed.")
        if self._late:
            self._facts.warnings.append(
                "A sound track lies more than 30 minutes behind another one in the file; it was left out from there."
            )
        self._facts.warnings += self._mixer.warnings("sound track")
