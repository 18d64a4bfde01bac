"""Orgs with their reps, voices, playbooks and prompts."""

from __future__ import annotations

from typing import Unpack

from dayline_client.pagination import Listing
from dayline_client.transport import Transport, part
from dayline_client.types.orgs import (
    DetectorMemory,
    DetectorMemoryReceipt,
    Org,
    OrgReceipt,
    OrgRequest,
    Playbook,
    PlaybookChange,
    PlaybookListed,
    PlaybookRequest,
    PlaybookVersion,
    Prompt,
    PromptChange,
    PromptRequest,
    Rep,
    RepRequest,
    VersionListed,
    Voice,
    VoiceRequest,
)

_PATH = "/v1/orgs"


class Orgs:
    """Orgs and their reps. Every method raises ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def put(self, **request: Unpack[OrgRequest]) -> Org:
        """Create an org, or change the given fields."""
        return self._transport.call("POST", _PATH, body=request).json

    def list(self, *, archived: bool = False, limit: int = 20, cursor: str | None = None) -> Listing[Org]:
        """List orgs, newest first; archived ones on request."""
        return Listing(self._transport, _PATH, {"archived": archived, "limit": limit, "cursor": cursor})

    def get(self, org_id: str) -> Org:
        """Get an org."""
        return self._transport.call("GET", _of(org_id)).json

    def archive(self, org_id: str) -> Org:
        """Hide an org; `put` with its id restores it."""
        return self._transport.call("POST", _of(org_id, "archive")).json

    def delete(self, org_id: str) -> OrgReceipt:
        """Delete an org with all of its recordings and everything derived from them."""
        return self._transport.call("DELETE", _of(org_id)).json

    def archive_rep(self, org_id: str, rep_id: str) -> Rep:
        """Hide a rep; `put_rep` with its id restores it."""
        return self._transport.call("POST", _of(org_id, "reps", rep_id, "archive")).json

    def delete_rep(self, org_id: str, rep_id: str) -> OrgReceipt:
        """Delete a rep with all of their recordings and everything derived from them."""
        return self._transport.call("DELETE", _of(org_id, "reps", rep_id)).json

    def put_rep(self, org_id: str, **request: Unpack[RepRequest]) -> Rep:
        """Create a rep, or change the given fields."""
        return self._transport.call("POST", _of(org_id, "reps"), body=request).json

    def list_reps(
        self, org_id: str, *, archived: bool = False, limit: int = 20, cursor: str | None = None
    ) -> Listing[Rep]:
        """List the org's reps, newest first; archived ones on request."""
        query = {"archived": archived, "limit": limit, "cursor": cursor}
        return Listing(self._transport, _of(org_id, "reps"), query)

    def get_rep(self, org_id: str, rep_id: str) -> Rep:
        """Get a rep."""
        return self._transport.call("GET", _of(org_id, "reps", rep_id)).json

    def enroll_voice(self, org_id: str, rep_id: str, **request: Unpack[VoiceRequest]) -> Voice:
        """Enrol a rep's voice. Needs an uploaded recording of the rep alone, and the rep's consent."""
        return self._transport.call("POST", _of(org_id, "reps", rep_id, "voice"), body=request).json

    def get_voice(self, org_id: str, rep_id: str) -> Voice:
        """Get the stored data of a rep's voice, without the voice print."""
        return self._transport.call("GET", _of(org_id, "reps", rep_id, "voice")).json

    def delete_voice(self, org_id: str, rep_id: str) -> None:
        """Delete a rep's voice."""
        self._transport.call("DELETE", _of(org_id, "reps", rep_id, "voice"))

    def get_detector_memory(self, org_id: str) -> DetectorMemory:
        """Get the number of earlier days that the detector uses for this org."""
        return self._transport.call("GET", _of(org_id, "detector-memory")).json

    def delete_detector_memory(self, org_id: str) -> DetectorMemoryReceipt:
        """Delete the detector's memory of this org."""
        return self._transport.call("DELETE", _of(org_id, "detector-memory")).json


class Playbooks:
    """Playbooks of teams. Every method raises ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, org_id: str, **request: Unpack[PlaybookRequest]) -> Playbook:
        """Add a playbook. The newest active one applies."""
        return self._transport.call("POST", _of(org_id, "playbooks"), body=request).json

    def list(
        self,
        org_id: str,
        *,
        rep_id: str | None = None,
        is_active: bool | None = None,
        limit: int = 20,
        cursor: str | None = None,
    ) -> Listing[PlaybookListed]:
        """List playbooks without their text, newest first."""
        query = {"rep_id": rep_id, "is_active": is_active, "limit": limit, "cursor": cursor}
        return Listing(self._transport, _of(org_id, "playbooks"), query)

    def get(self, org_id: str, playbook_id: str) -> Playbook:
        """Get a playbook at its newest version."""
        return self._transport.call("GET", _of(org_id, "playbooks", playbook_id)).json

    def change(self, org_id: str, playbook_id: str, **changes: Unpack[PlaybookChange]) -> Playbook:
        """Create a new version; fields that are not given stay unchanged."""
        return self._transport.call("PATCH", _of(org_id, "playbooks", playbook_id), body=changes).json

    def delete(self, org_id: str, playbook_id: str) -> None:
        """Delete a playbook. Analyses that used it stay unchanged."""
        self._transport.call("DELETE", _of(org_id, "playbooks", playbook_id))

    def versions(
        self, org_id: str, playbook_id: str, *, limit: int = 20, cursor: str | None = None
    ) -> Listing[VersionListed]:
        """List versions without their text, newest first."""
        query = {"limit": limit, "cursor": cursor}
        return Listing(self._transport, _of(org_id, "playbooks", playbook_id, "versions"), query)

    def version(self, org_id: str, playbook_id: str, number: int) -> PlaybookVersion:
        """Get one version of a playbook."""
        return self._transport.call("GET", _of(org_id, "playbooks", playbook_id, "versions", str(number))).json


class Prompts:
    """Prompts of orgs for every analysis. Every method raises ApiError, ConnectionFailed or InvalidResponse."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(self, org_id: str, **request: Unpack[PromptRequest]) -> Prompt:
        """Add a prompt."""
        return self._transport.call("POST", _of(org_id, "prompts"), body=request).json

    def list(self, org_id: str, *, limit: int = 20, cursor: str | None = None) -> Listing[Prompt]:
        """List the org's prompts, newest first."""
        return Listing(self._transport, _of(org_id, "prompts"), {"limit": limit, "cursor": cursor})

    def change(self, org_id: str, prompt_id: str, **changes: Unpack[PromptChange]) -> Prompt:
        """Change a prompt; fields that are not given stay unchanged."""
        return self._transport.call("PATCH", _of(org_id, "prompts", prompt_id), body=changes).json

    def delete(self, org_id: str, prompt_id: str) -> None:
        """Delete a prompt."""
        self._transport.call("DELETE", _of(org_id, "prompts", prompt_id))


def _of(org_id: str, *rest: str) -> str:
    return "/".join((_PATH, *map(part, (org_id, *rest))))
