"""Guidance of a team: the playbook that applies, its vocabulary for the detector, its prompts for the analyst."""

from __future__ import annotations

import re
from collections import Counter

from dayline.db.database import Transaction
from dayline.db.records import SessionRecord
from dayline.domain.analysis import Prompt
from dayline.domain.json_types import is_array
from dayline.domain.stored_json import AnalysisOptions, SessionOptions
from dayline.domain.timeline import DayContext
from dayline.playbooks import repository as playbooks
from dayline.prompts import repository as prompts

_WORD = re.compile(r"[a-z][a-z'-]{3,}")
_EVERYDAY = """
about after again also always because been before being below between both call calls can cannot come could
customer customers does doing done don't down each even every first from give good have here hers into just keep know
last less like listen make many more most much must need never next only other ours over playbook please price question
questions rather same sales should some step steps such take talk team tell than that their them then there these they
thing things this those through time times upon very want well were what when where which while will with without work
would your yours open close closing goal goals rule rules visit
"""
_COMMON = frozenset(_EVERYDAY.split())
_VOCABULARY_SIZE = 40


def day_context(tx: Transaction, session: SessionRecord) -> DayContext | None:
    """Return the facts about the business for the detector, or None when no playbook applies."""
    playbook = playbooks.resolve(
        tx, session.partner_id, session.org_id, session.rep_id, session.options.get("playbook_id")
    )
    if playbook is None:
        return None
    facts = playbook.metadata
    listed = facts.get("vocabulary")
    given = [str(w) for w in listed] if is_array(listed) else []
    return DayContext(
        business=str(facts.get("business") or playbook.name or ""),
        sells=str(facts.get("sells") or ""),
        playbook=playbook.content,
        vocabulary=tuple(given or characteristic_words(playbook.content)),
    )


def characteristic_words(text: str) -> tuple[str, ...]:
    """Return the words that a playbook uses most, everyday words left out."""
    counts = Counter(w for w in _WORD.findall(text.lower()) if w not in _COMMON)
    return tuple(word for word, _ in counts.most_common(_VOCABULARY_SIZE))


def prompts_for(
    tx: Transaction, partner_id: str, org_id: str, options: SessionOptions | AnalysisOptions
) -> tuple[Prompt, ...]:
    """Return the org's active prompts with this job's overrides in place of those of the same title, or added."""
    stored = {p.title: Prompt(p.title, p.prompt_content, p.prompt_type) for p in prompts.active(tx, partner_id, org_id)}
    for override in options.get("prompt_overrides") or []:
        known = stored.get(override["title"])
        stored[override["title"]] = Prompt(
            override["title"], override["content"], known.prompt_type if known else "other"
        )
    return tuple(stored.values())
