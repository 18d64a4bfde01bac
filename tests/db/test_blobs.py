"""Objects in a folder: written, read in part, listed, deleted with what is empty after them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dayline.audio.sources.blob import BlobSource
from dayline.db.blobs import Blobs
from dayline.domain.errors import NotFound, Unavailable


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(str(tmp_path / "objects"))


def test_what_is_put_comes_back_whole_and_in_part(blobs: Blobs, tmp_path: Path) -> None:
    source = tmp_path / "file"
    source.write_bytes(b"0123456789")
    blobs.put("a/b/c.bin", source)
    blobs.put("a/b/d.bin", b"xy")
    assert blobs.get("a/b/c.bin") == b"0123456789"
    assert blobs.read_at("a/b/c.bin", 3, 4) == b"3456"
    assert blobs.size_bytes("a/b/c.bin") == 10
    assert sorted(blobs.list_keys("a/b")) == ["a/b/c.bin", "a/b/d.bin"]


def test_what_is_not_there_is_said(blobs: Blobs) -> None:
    assert blobs.size_bytes("nothing") is None
    assert not blobs.delete("nothing")
    with pytest.raises(NotFound):
        blobs.get("nothing")


def test_deleting_below_a_prefix_leaves_no_folder(blobs: Blobs, tmp_path: Path) -> None:
    for number in range(3):
        blobs.put(f"scratch/s1/chunk-{number}", b"x")
    blobs.put("scratch/s2/chunk-0", b"x")
    assert len(blobs.delete_below("scratch/s1")) == 3
    assert not (tmp_path / "objects/scratch/s1").exists()
    assert blobs.get("scratch/s2/chunk-0") == b"x"


def test_a_key_cannot_climb_out_of_its_folder(blobs: Blobs) -> None:
    with pytest.raises((ValueError, OSError, Unavailable)):
        blobs.put("../outside", b"x")


def test_an_object_is_read_at_any_place_in_blocks(blobs: Blobs) -> None:
    body = bytes(range(256)) * 40_000
    blobs.put("big", body)
    source = BlobSource(blobs, "big")
    assert source.size_bytes == len(body)
    assert source.read_at(0, 10) == body[:10]
    assert source.read_at(4_194_300, 20) == body[4_194_300:4_194_320]
    assert source.read_at(len(body) - 5, 100) == body[-5:]
    assert source.read_at(len(body), 10) == b""
