"""The bundled fallback transcriber: needs no model download; accurate on clear read speech only.

Its text is demo quality (word error rate around .8 on telephone dialogue) and is labelled so wherever it is shown.
One decoder serves one thread; the library never releases the interpreter lock, so several run in several processes.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence

from pocketsphinx import Decoder, Segment

from dayline.asr.clips import is_audible, refuse_unfit, utterance_in
from dayline.asr.ports import Limits
from dayline.domain.clip import Clip
from dayline.domain.transcript import Utterance, Word

_FRAMES_PER_SECOND = 100
_SILENCE = bytes(3_200)
_FILLER = re.compile(r"^(<.*>|\[.*\]|\+\+.*\+\+)$")
_VARIANT = re.compile(r"\(\d+\)$")


class PocketsphinxTranscriber:
    """English by the acoustic model, dictionary and language model that come with the package.

    The second search pass is off and the beams are bounded: twice the speed at the same error rate, and the
    cost stays bounded in noise, where the default settings fall behind real time.
    """

    def __init__(self) -> None:
        self._decoder = Decoder(fwdflat=False, maxhmmpf=6000, maxwpf=20, loglevel="FATAL")
        self._limits = Limits(
            max_clip_seconds=20.0,
            languages=("en",),
            gives_words=True,
            gives_word_confidence=True,
            gives_speakers=False,
            is_remote=False,
            is_demo_quality=True,
        )

    @property
    def name(self) -> str:
        """`pocketsphinx:en-us`."""
        return "pocketsphinx:en-us"

    @property
    def limits(self) -> Limits:
        """English, clips of at most 20 s (memory doubles with a minute), words with posteriors."""
        return self._limits

    def transcribe(self, clips: Sequence[Clip], language: str | None = None) -> list[Utterance]:
        """Recognise each clip on its own, so that the result does not depend on what came before."""
        refuse_unfit(clips, language, self._limits)
        found = (self._recognise(clip) for clip in clips)
        return [utterance for utterance in found if utterance is not None]

    def _recognise(self, clip: Clip) -> Utterance | None:
        if not is_audible(clip):
            return None
        self._reset()
        self._decode(clip.samples.astype("<i2").tobytes())
        segments = self._decoder.seg()
        return utterance_in(clip, [_word(clip, s) for s in segments if _is_word(s.word)]) if segments else None

    def _reset(self) -> None:
        """Clear what the decoder carries from clip to clip, so that a chunk gives the same text whenever it is done.

        That is the noise estimate, which a new stream resets, and the Gaussians that scored best last, for which
        a tenth of a second of silence is enough.
        """
        with warnings.catch_warnings():
            # The call is marked as unnecessary for live use; here it is what makes results repeatable.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._decoder.start_stream()
        self._decode(_SILENCE)

    def _decode(self, pcm: bytes) -> None:
        self._decoder.start_utt()
        try:
            # All at once: the normalisation is then a property of this clip alone.
            self._decoder.process_raw(pcm, False, True)
        finally:
            self._decoder.end_utt()


def _is_word(token: str) -> bool:
    return not _FILLER.match(token)


def _word(clip: Clip, segment: Segment) -> Word:
    start_frame, end_frame = segment.start_frame, segment.end_frame
    return Word(
        text=_VARIANT.sub("", segment.word),
        start_seconds=clip.start_seconds + start_frame / _FRAMES_PER_SECOND,
        end_seconds=clip.start_seconds + (end_frame + 1) / _FRAMES_PER_SECOND,
        # The binding already gives a linear posterior, not a log probability.
        confidence=round(min(max(float(segment.prob), 0.0), 1.0), 4),
    )
