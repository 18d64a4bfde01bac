from __future__ import annotations

from dayline.asr.language_plan import ClipLanguages, plan_languages
from dayline.asr.languages import main_language


def clips(*rows: tuple[float, float, dict[str, float]]) -> list[ClipLanguages]:
    return [ClipLanguages(start, start + seconds, spoken) for start, seconds, spoken in rows]


GERMAN, ENGLISH = {"de": 0.9, "en": 0.05}, {"en": 0.9, "de": 0.05}


def test_a_radio_before_a_visit_does_not_decide_its_language():
    rows = clips((0, 8, GERMAN), (9, 6, GERMAN), (16, 4, ENGLISH), (21, 3, ENGLISH), (25, 6, ENGLISH))
    assert plan_languages(rows) == ["de", "de", "en", "en", "en"]


def test_a_short_clip_goes_with_its_neighbours():
    rows = clips((0, 5, ENGLISH), (6, 0.6, {"tr": 0.8, "en": 0.02}), (7, 5, ENGLISH), (13, 2.0, {"cy": 0.6, "en": 0.2}))
    assert plan_languages(rows) == ["en"] * 4


def test_one_uncertain_long_clip_does_not_change_the_language():
    rows = clips((0, 5, ENGLISH), (6, 3, {"de": 0.6, "en": 0.3}), (10, 5, ENGLISH))
    assert plan_languages(rows) == ["en"] * 3


def test_a_long_pause_makes_a_change_cheaper():
    def rows(pause: float) -> list[ClipLanguages]:
        return clips((0, 6, ENGLISH), (6 + pause, 2.6, {"fr": 0.75, "en": 0.005}))

    assert plan_languages(rows(1.0)) == ["en", "en"]
    assert plan_languages(rows(60.0)) == ["en", "fr"]


def test_clips_that_tell_nothing_take_the_language_around_them():
    assert plan_languages(clips((0, 3, {}), (4, 5, GERMAN), (10, 2, {}))) == ["de"] * 3
    assert plan_languages(clips((0, 3, {}))) == [None]
    assert plan_languages([]) == []


def test_without_a_sure_clip_the_evidence_of_all_counts():
    weak = {"en": 0.4, "cy": 0.3}
    assert plan_languages(clips((0, 3, weak), (4, 3, weak))) == ["en", "en"]


def test_the_day_is_in_the_language_with_most_speech():
    assert main_language([({"de": 20.0, "en": 5.0}, "de", 25.0), ({"en": 90.0}, "en", 90.0)]) == "en"
    assert main_language([({}, "de", 30.0), ({}, "en", 100.0), ({}, "de", 30.0)]) == "en"
    assert main_language([({"fr": 5.0}, "fr", 5.0), ({"de": 5.0}, "de", 5.0)]) == "de"
    assert main_language([({}, None, 50.0)]) is None
