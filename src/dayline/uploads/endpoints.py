"""Route that gives out signed links for uploads."""

from __future__ import annotations

from fastapi import Request, Response

from dayline.domain.errors import Forbidden, NotFound
from dayline.http.dependencies import UPLOADS, AnyKey, Principal, api_context
from dayline.http.routing import api_router
from dayline.idempotency.requests import perform
from dayline.uploads import service
from dayline.uploads.links import LinkSigner
from dayline.uploads.schemas import UploadLink, UploadRequest

router = api_router("/v1", "Uploads")


@router.post(
    "/admin/partners/{partner_id}/uploads/signed-url",
    status_code=201,
    response_model=UploadLink,
    summary="Ask for a link to upload a recording",
)
def create_upload(request: Request, who: AnyKey, partner_id: str, body: UploadRequest) -> Response:
    """With an admin key, or a live key of this partner that has the scope uploads:write.

    PUT the file to `upload_url` with the `headers`, then submit the `file_key`.
    """
    _check_caller(who, partner_id)
    return _begin(request, body, partner_id)


@router.post("/uploads/signed-url", status_code=201, response_model=UploadLink, summary="Ask for a link to upload")
def create_own_upload(request: Request, who: AnyKey, body: UploadRequest) -> Response:
    """With a live key that has the scope uploads:write: the partner is the key's own.

    PUT the file to `upload_url` with the `headers`, then submit the `file_key`.
    """
    who.require_partner()
    _check_caller(who, who.partner_id)
    return _begin(request, body, who.partner_id)


def _begin(request: Request, body: UploadRequest, partner_id: str) -> Response:
    context = api_context(request)
    service.check_size(body.size_bytes, context.max_upload_bytes)
    signer = LinkSigner(context.blobs, context.base_url, context.link_key)
    return perform(
        request,
        lambda tx: service.begin(
            tx,
            signer,
            body,
            partner_id=partner_id,
            max_bytes=context.max_upload_bytes,
            quota_bytes=context.upload_quota_bytes,
        ),
        status=201,
    )


def _check_caller(who: Principal, partner_id: str) -> None:
    if who.is_admin:
        return
    if who.partner_id != partner_id:
        raise NotFound.of("partner", partner_id)
    if who.environment != "production":
        raise Forbidden(
            "Uploads need a live key; sandbox keys submit mock:// recordings.", code="key_environment_mismatch"
        )
    if not who.may(UPLOADS):
        raise Forbidden(f"This key lacks the scope {UPLOADS}.", required_scope=UPLOADS)
