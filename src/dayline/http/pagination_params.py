"""Parts of the OpenAPI document shared by many routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from dayline.http.schemas import Moment

Limit = Annotated[int, Query(ge=1, le=100, description="How many rows at most.")]
Cursor = Annotated[
    str | None, Query(min_length=1, max_length=512, description="`next_cursor` of the page before this one.")
]
CreatedAfter = Annotated[Moment | None, Query(description="Only rows created after this moment.")]
CreatedBefore = Annotated[Moment | None, Query(description="Only rows created before this moment.")]
Archived = Annotated[bool, Query(description="True: only archived ones; false: only the others.")]
