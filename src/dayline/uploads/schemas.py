"""Uploads, as they are asked for and answered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from dayline.http.schemas import WHOLE, RequestModel, Timestamp


class UploadRequest(RequestModel):
    """A file to upload directly to the object store."""

    file_name: Annotated[str, Field(min_length=1, max_length=255)]
    content_type: Annotated[
        str,
        Field(
            pattern=r"^((audio|video)/[A-Za-z0-9.+-]{1,80}|application/(octet-stream|ogg))$",
            description="Media type of the recording, such as audio/mpeg.",
        ),
    ]
    size_bytes: Annotated[int, Field(ge=1, le=2**53), WHOLE] | None = Field(
        default=None, description="The embedded store takes exactly this size when it is given."
    )


class UploadLink(TypedDict):
    """Where to PUT the file, and the key to submit afterwards."""

    upload_url: Annotated[str, Field(description="Takes one PUT until `expires_at`; needs no key.")]
    method: Literal["PUT"]
    headers: Annotated[dict[str, str], Field(description="Send these with the PUT.")]
    file_key: Annotated[str, Field(description="Names the file in a submission. It works for this partner only.")]
    expires_at: Timestamp


class FileStored(TypedDict):
    """A file that the embedded store has received."""

    file_key: str
    size_bytes: int
