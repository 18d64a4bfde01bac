"""Objects: uploads of partners and scratch of running sessions, in a folder or in a bucket.

Keys are relative, such as `uploads/<partner>/<id>/day.mp3` and `scratch/<session>/chunk-00003.pcm`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import obstore
from obstore.store import LocalStore, from_url

from dayline.domain.errors import NotFound, Unavailable

if TYPE_CHECKING:
    from obstore import ObjectMeta  # exists in the hints only


class Blobs:
    """One object store, local (`file:///...` or a path) or remote (`s3://`, `gs://`, `az://`)."""

    def __init__(self, url: str, **options: Any) -> None:
        self._url = url
        if "://" not in url or url.startswith("file://"):
            path = Path(url.removeprefix("file://"))
            path.mkdir(parents=True, exist_ok=True)
            self.folder: Path | None = path
            self._store: Any = LocalStore(prefix=path)
        else:
            self.folder = None
            self._store = from_url(url, **options)

    @property
    def is_local(self) -> bool:
        """True when objects are files on this machine."""
        return self.folder is not None

    def put(self, key: str, body: bytes | Path) -> None:
        """Store an object, in place of what stood there."""
        with _translate_errors(key):
            obstore.put(self._store, key, body)

    def get(self, key: str) -> bytes:
        """Return a whole object. Raises NotFound."""
        with _translate_errors(key):
            return bytes(obstore.get(self._store, key).bytes())

    def read_at(self, key: str, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; fewer at the end of the object."""
        with _translate_errors(key):
            return bytes(obstore.get_range(self._store, key, start=offset, length=size))

    def size_bytes(self, key: str) -> int | None:
        """Return the size of an object, or None when there is none."""
        try:
            with _translate_errors(key):
                return int(obstore.head(self._store, key)["size"])
        except NotFound:
            return None

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield the keys below a prefix."""
        with _translate_errors(prefix):
            # The hints of obstore leave the type of the batches open.
            listed: Callable[..., Iterator[Sequence[ObjectMeta]]] = cast(Any, obstore).list
            for batch in listed(self._store, prefix=prefix):
                for item in batch:
                    yield item["path"]

    def delete(self, key: str) -> bool:
        """Delete an object. Returns False when there was none."""
        try:
            with _translate_errors(key):
                if self.is_local and self.size_bytes(key) is None:
                    return False
                obstore.delete(self._store, key)
        except NotFound:
            return False
        return True

    def delete_below(self, prefix: str) -> list[str]:
        """Delete every object below a prefix and, in a folder, the empty folder too. Returns the keys."""
        keys = list(self.list_keys(prefix))
        for key in keys:
            self.delete(key)
        if self.folder is not None:
            root = (self.folder / prefix).resolve()
            if root.is_dir() and self.folder.resolve() in root.parents:
                _remove_empty(root)
        return keys

    def sign_put(self, key: str, *, seconds: int, content_type: str) -> tuple[str, dict[str, str]]:
        """Return (url, headers) with which anybody may PUT this object. Remote stores only."""
        headers = {"Content-Type": content_type}
        if self._url.startswith(("az://", "azure://", "abfs://", "adl://")):
            headers["x-ms-blob-type"] = "BlockBlob"
        return str(obstore.sign(self._store, "PUT", key, timedelta(seconds=seconds))), headers

    def sign_get(self, key: str, *, seconds: int) -> str:
        """Return a link with which anybody may read this object. Remote stores only."""
        return str(obstore.sign(self._store, "GET", key, timedelta(seconds=seconds)))


@contextmanager
def _translate_errors(key: str) -> Generator[None]:
    """Raise NotFound and Unavailable in place of the errors of the object store."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound.of("file", key) from error
    except obstore.exceptions.BaseError as error:
        raise Unavailable(
            f"The object store does not work right now ({type(error).__name__}). Try again in a moment.",
            part="object_store",
        ) from error


def _remove_empty(root: Path) -> None:
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    if not any(root.iterdir()):
        root.rmdir()
