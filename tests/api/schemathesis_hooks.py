"""What a schema cannot say: a cursor is made by the service, so a made-up one is rightly refused.

Valid requests are sent without one; invalid requests keep theirs, so that cursors are tried too.
"""

from __future__ import annotations

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    is_valid = case.meta is not None and case.meta.generation.mode.is_positive
    if is_valid and case.query:
        case.query.pop("cursor", None)
