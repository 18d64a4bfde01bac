from __future__ import annotations

import json
import shutil
from typing import cast

import pytest

from dayline.asr import model_table as table
from dayline.asr import registry as loader
from dayline.asr.model_catalog import find_models, recognise
from dayline.asr.ports import EngineMisconfigured
from dayline.asr.registry import EngineName, SpeechConfig, describe_available, load_transcriber


def chosen(models_dir) -> list[str]:
    return [m.name for m in describe_available(SpeechConfig(models_dir=models_dir)) if m.is_chosen]


def test_auto_takes_the_best_that_is_there_and_says_which(models_dir, tmp_path):
    assert chosen(models_dir) == ["tiny-parakeet-tdt"]
    assert load_transcriber(SpeechConfig(models_dir=models_dir)).name == "onnx-asr:tiny-parakeet-tdt"
    shutil.copytree(models_dir / "whisper-tiny", tmp_path / "whisper-tiny")
    assert chosen(tmp_path) == ["whisper-tiny"]
    assert load_transcriber(SpeechConfig(models_dir=tmp_path)).name == "faster-whisper:whisper-tiny"
    assert chosen(tmp_path / "empty") == ["en-us"]
    assert load_transcriber(SpeechConfig()).name == "pocketsphinx:en-us"


def test_auto_passes_over_what_lacks_its_extra(models_dir, monkeypatch):
    monkeypatch.setattr(loader, "is_onnx_asr_installed", lambda: False)
    assert chosen(models_dir) == ["whisper-tiny"]
    rows = {m.name: m for m in describe_available(SpeechConfig(models_dir=models_dir))}
    assert "parakeet" in rows["tiny-parakeet-tdt"].note
    assert load_transcriber(SpeechConfig(models_dir=models_dir, threads=1)).name == "faster-whisper:whisper-tiny"


def test_the_list_holds_what_is_here_and_what_is_known(models_dir):
    rows = describe_available(SpeechConfig(models_dir=models_dir))
    assert [m.name for m in rows if m.is_here] == ["tiny-parakeet-tdt", "tiny-ctc", "whisper-tiny", "en-us"]
    assert {m.name for m in rows if not m.is_here} == {m.name for m in table.KNOWN_MODELS} - {"whisper-tiny"}


def test_folders_are_told_by_their_files(models_dir, tmp_path):
    whisper, ctc = recognise(models_dir / "whisper-tiny"), recognise(models_dir / "tiny-ctc")
    assert whisper is not None
    assert whisper.engine == "faster-whisper"
    assert ctc is not None
    assert ctc.model_type == "nemo-conformer-ctc"
    assert recognise(models_dir / "notes") is None
    assert recognise(models_dir / "nothing") is None
    half = tmp_path / "half"
    shutil.copytree(models_dir / "tiny-parakeet-tdt", half)
    (half / "decoder_joint-model.onnx").rename(half / "decoder_joint-model.int8.onnx")
    assert recognise(half) is None
    (half / "encoder-model.onnx").rename(half / "encoder-model.int8.onnx")
    quantised = recognise(half)
    assert quantised is not None
    assert quantised.quantization == "int8"
    assert find_models(None) == []


@pytest.mark.parametrize(
    ("config", "word"),
    [
        (SpeechConfig(engine=cast(EngineName, "nonsense")), "no speech engine"),
        (SpeechConfig(engine="deepgram"), "key"),
        (SpeechConfig(engine="onnx-asr", model="/not/there"), "no model folder"),
        (SpeechConfig(engine="onnx-asr", model="no-such-model"), "cannot load"),
        (SpeechConfig(engine="faster-whisper", model="no-such-size"), "name"),
        (SpeechConfig(engine="faster-whisper", model="tiny", compute_type="int3"), "compute type"),
        (SpeechConfig(engine="fake", model="/not/there.json"), "script"),
    ],
)
def test_a_wrong_configuration_is_said_to_be_wrong(config, word, models_dir):
    if config.compute_type == "int3":
        config = SpeechConfig(engine="faster-whisper", model="whisper-tiny", compute_type="int3", models_dir=models_dir)
    with pytest.raises(EngineMisconfigured, match=word):
        load_transcriber(config)


def test_a_folder_of_the_wrong_kind_is_refused(models_dir):
    with pytest.raises(EngineMisconfigured, match="complete model"):
        load_transcriber(SpeechConfig(engine="onnx-asr", model="whisper-tiny", models_dir=models_dir))


def test_a_whisper_folder_without_tokenizer_never_asks_the_hub(models_dir, tmp_path):
    folder = tmp_path / "whisper-tiny"
    shutil.copytree(models_dir / "whisper-tiny", folder)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(EngineMisconfigured, match=r"tokenizer\.json"):
        load_transcriber(SpeechConfig(engine="faster-whisper", model=str(folder)))


def test_a_damaged_model_is_refused(models_dir, tmp_path):
    folder = tmp_path / "tiny-ctc"
    shutil.copytree(models_dir / "tiny-ctc", folder)
    (folder / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(EngineMisconfigured, match="damaged"):
        load_transcriber(SpeechConfig(engine="onnx-asr", model=str(folder)))


@pytest.mark.parametrize("engine", ["faster-whisper", "onnx-asr"])
def test_a_known_model_that_is_not_installed_is_never_fetched_in_the_middle_of_a_day(engine):
    name = "whisper-base" if engine == "faster-whisper" else "parakeet-tdt-0.6b-v3"
    with pytest.raises(EngineMisconfigured, match=f"dayline models install {name}"):
        load_transcriber(SpeechConfig(engine=engine, model=name))


def test_the_configuration_travels_and_hides_its_key(tmp_path):
    config = SpeechConfig(engine="openai", model="m", api_key="sk-very-secret", models_dir=tmp_path, threads=2)
    for one in (config, SpeechConfig()):
        assert SpeechConfig.from_json(json.loads(json.dumps(one.to_json()))) == one
    assert "sk-very-secret" not in repr(config)
