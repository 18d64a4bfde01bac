"""Files that the detector reads and writes: transcripts, speaker labels, detected days.

Transcripts: the JSON of Dayline's API, JSON of Whisper and WhisperX, WebVTT, SubRip. Speaker labels: RTTM. Days: JSON.
"""

from __future__ import annotations

from dayline.detection.formats.day_json import day_to_json, write_day
from dayline.detection.formats.rttm import read_rttm, with_speakers
from dayline.detection.formats.transcripts import parse_transcript, read_transcript

__all__ = ["day_to_json", "parse_transcript", "read_rttm", "read_transcript", "with_speakers", "write_day"]
