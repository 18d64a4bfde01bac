"""Checks before the service starts: an invalid configuration ends it at once, with one line that names the setting."""

from __future__ import annotations

import importlib.util
import os
from urllib.parse import urlsplit

from obstore.exceptions import BaseError as ObjectStoreError

from dayline.asr.ports import EngineMisconfigured
from dayline.asr.registry import check_speech_config
from dayline.bootstrap import outgoing_tls, speech_config, voice_model
from dayline.db.blobs import Blobs
from dayline.domain.errors import DaylineError
from dayline.security.ssrf import parse_networks
from dayline.settings import InvalidSetting, Settings
from dayline.store import prepare_data_folder


def check_settings(settings: Settings) -> None:
    """Check all settings that need neither the network nor a loaded model. Raises InvalidSetting."""
    check_data_folder(settings)
    check_objects(settings)
    check_speech(settings)
    voice_model(settings)
    check_analyst(settings)
    check_network_settings(settings)


def check_data_folder(settings: Settings) -> None:
    """Create the data folder, restrict it to its user and check that it is writable."""
    prepare_data_folder(settings)
    if not os.access(settings.folder, os.W_OK | os.X_OK):
        raise InvalidSetting("data_folder", f"{settings.folder} cannot be written by this user.")


def check_objects(settings: Settings) -> None:
    """Check the address of the object store; a folder is created."""
    scheme = urlsplit(settings.objects_url).scheme if "://" in settings.objects_url else ""
    if scheme not in ("", "file", "s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl", "https", "memory"):
        raise InvalidSetting(
            "objects_url", f"{scheme}:// is no known object store. Use a folder, s3://, gs:// or az://."
        )
    try:
        Blobs(settings.effective_objects_url)
    except OSError as error:
        raise InvalidSetting("objects_url", f"the folder cannot be created: {error.strerror}.") from error
    except (ValueError, ObjectStoreError) as error:
        raise InvalidSetting("objects_url", f"it cannot be used: {_first_line(error)}") from error


def check_speech(settings: Settings) -> None:
    """Check engine, model and key of the recogniser."""
    folder = settings.models_folder
    if folder is not None and not folder.expanduser().is_dir():
        raise InvalidSetting("models_folder", f"there is no folder {folder}.")
    try:
        check_speech_config(speech_config(settings))
    except EngineMisconfigured as error:
        name = "speech_model" if settings.speech_model and "speech engine" not in error.message else "speech_engine"
        raise InvalidSetting(name, error.message) from error


def check_analyst(settings: Settings) -> None:
    """Check that a language model is named if the settings require one."""
    if settings.analyst == "openai":
        if not settings.language_model:
            raise InvalidSetting("language_model", "DAYLINE_ANALYST=openai needs the name of a language model.")
        if not settings.language_base_url and not settings.language_api_key.get_secret_value():
            raise InvalidSetting(
                "language_api_key", "the provider's own server needs a key; for another, set DAYLINE_LANGUAGE_BASE_URL."
            )
        if importlib.util.find_spec("pydantic_ai") is None:
            raise InvalidSetting("analyst", "openai needs the `language` extra: scripts/setup --extra language.")
    base_url = settings.language_base_url
    if base_url and urlsplit(base_url).scheme not in ("http", "https"):
        raise InvalidSetting("language_base_url", f"{base_url!r} is not an http(s) address.")


def check_network_settings(settings: Settings) -> None:
    """Check networks, certificate authorities and the public address."""
    try:
        parse_networks(settings.allow_networks)
    except ValueError as error:
        raise InvalidSetting("allow_networks", f"{_first_line(error)}") from error
    try:
        outgoing_tls(settings)
    except OSError as error:  # ssl.SSLError is one
        raise InvalidSetting(
            "ca_file", f"{settings.ca_file} holds no certificates in PEM form, or cannot be read."
        ) from error
    if settings.base_url and urlsplit(settings.base_url).scheme not in ("http", "https"):
        raise InvalidSetting("base_url", f"{settings.base_url!r} is not an http(s) address.")


def _first_line(error: Exception) -> str:
    text = error.message if isinstance(error, DaylineError) else str(error)
    return (text.strip().splitlines() or [type(error).__name__])[0]
