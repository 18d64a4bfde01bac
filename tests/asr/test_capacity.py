from __future__ import annotations

from pathlib import Path

import pytest

from dayline.asr.capacity import CapacityPlan, Machine, plan_capacity, this_machine
from dayline.asr.registry import SpeechConfig

GB = 10**9


@pytest.fixture
def large(models_dir: Path, tmp_path: Path) -> SpeechConfig:
    """A Whisper folder whose weights are 3 GB (a sparse file)."""
    folder = tmp_path / "whisper-large-v3"
    folder.mkdir()
    for path in (models_dir / "whisper-tiny").iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    with (folder / "model.bin").open("r+b") as file:
        file.truncate(3 * GB)
    return SpeechConfig(models_dir=tmp_path)


def test_one_recogniser_per_core_where_models_fit(real_models_folder):
    config = SpeechConfig(models_dir=real_models_folder)
    assert plan_capacity(config, Machine(8, 16 * GB, ())) == CapacityPlan(8, 1, 120.0)
    assert plan_capacity(config, Machine(8, 2 * GB, ())) == CapacityPlan(2, 4, 120.0)
    assert plan_capacity(config, Machine(1, GB // 4, ())) == CapacityPlan(1, 1, 120.0)


def test_a_large_model_leaves_fewer_recognisers_with_more_threads(large):
    assert plan_capacity(large, Machine(8, 16 * GB, ())) == CapacityPlan(1, 8, 120.0)
    assert plan_capacity(large, Machine(8, 64 * GB, ())) == CapacityPlan(4, 2, 120.0)
    named = SpeechConfig(engine="faster-whisper", model="whisper-large-v3", models_dir=large.models_dir)
    assert plan_capacity(named, Machine(8, 16 * GB, ())).recognisers == 1
    other = SpeechConfig(engine="pocketsphinx", models_dir=large.models_dir)
    assert plan_capacity(other, Machine(8, 16 * GB, ())).recognisers == 8


def test_a_gpu_gets_one_recogniser_per_card_and_long_chunks(large):
    assert plan_capacity(large, Machine(8, 16 * GB, ("0", "1"))) == CapacityPlan(2, 4, 600.0, ("0", "1"))
    on_cpu = SpeechConfig(device="cpu", models_dir=large.models_dir)
    assert plan_capacity(on_cpu, Machine(8, 16 * GB, ("0", "1"))) == plan_capacity(on_cpu, Machine(8, 16 * GB, ()))


def test_the_operators_wishes_stand(real_models_folder):
    config = SpeechConfig(models_dir=real_models_folder)
    machine = Machine(8, 16 * GB, ())
    assert plan_capacity(config, machine, recognisers=3) == CapacityPlan(3, 2, 120.0)
    assert plan_capacity(config, machine, threads=4) == CapacityPlan(2, 4, 120.0)
    assert plan_capacity(config, machine, recognisers=5, threads=5) == CapacityPlan(5, 5, 120.0)


def test_hidden_cards_do_not_count(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert this_machine().cards == ()
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    assert this_machine().cards == ("0", "1")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-8932f937, 3,-1,5")
    assert this_machine().cards == ("GPU-8932f937", "3")  # as CUDA reads it
    assert this_machine().cores >= 1
    assert this_machine().memory_bytes > 0
