"""The route that searches conversations."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response

from dayline.console import access_log
from dayline.http.dependencies import Reader, api_context, next_cursor, position, reading
from dayline.http.pagination_params import Cursor, Limit
from dayline.http.responses import json_response
from dayline.http.routing import api_router
from dayline.http.schemas import Id, Moment
from dayline.search import repository as index
from dayline.search import service
from dayline.search.schemas import SearchPage
from dayline.search.text import parse_query

router = api_router("/v1/search", "All-day sessions")


@router.get("", response_model=SearchPage, summary="Search conversations by words, title and person")
def search_conversations(
    request: Request,
    who: Reader,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=200,
            pattern=r"[^\W_]",
            description='Every word must occur, in any order; "words in quotes" follow one another.',
        ),
    ],
    limit: Limit = 20,
    cursor: Cursor = None,
    org_id: Annotated[Id | None, Query()] = None,
    rep_id: Annotated[Id | None, Query()] = None,
    since: Annotated[Moment | None, Query(description="Only days recorded at or after this moment.")] = None,
    until: Annotated[Moment | None, Query(description="Only days recorded before this moment.")] = None,
) -> Response:
    """Customer conversations of all-day sessions in which every word of `q` occurs: said, in the title or in a name.

    Letters match without regard to case and diacritics, and a word of three letters or more also matches longer words
    that begin with it. Keep the query and the filters while following `next_cursor`.
    """
    query = parse_query(q)
    filters = service.Filters(who.environment, who.visibility, org_id, rep_id, since, until)
    scope = filters.scope(q)
    after = position(request, cursor, scope)
    with reading(request) as tx:
        found, last = (
            ([], None)
            if query is None
            else service.search(tx, who.partner_id, query, filters=filters, limit=limit, after=after)
        )
        is_complete = index.is_filled(tx)
    access_log.record_view(api_context(request).database, who, "searched", session_id=None)
    return json_response(SearchPage(data=found, next_cursor=next_cursor(request, last, scope), is_complete=is_complete))
