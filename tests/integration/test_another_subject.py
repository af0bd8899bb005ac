"""A survey of patients, in English: none of what it prints speaks of the shipped programme's subject."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from tests.support import paper
from tests.support.barometer import barometer
from tests.support.demo import observatoire
from tests.support.once import run_once
from tests.support.three_programmes import SUPPORT
from tests.unit.test_vocabulary import SUBJECT

pytestmark = pytest.mark.slow


def _text(path: Path) -> str:
    if path.suffix == ".pdf":
        return "\n".join(paper.pages(path))
    return _text_of(path.read_text(encoding="utf-8"))


def _text_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", page))


def test_a_survey_of_patients_speaks_of_patients_and_hospitals_only() -> None:
    root = run_once(
        "baromètre", barometer, lambda root: observatoire(root, "run"), SUPPORT / "barometer.py", SUPPORT / "mini.py"
    ).root
    printed = {
        path: _text(path)
        for folder in ("reports/courant", "published/livrets/courant")
        for suffix in ("html", "pdf", "md")
        for path in sorted((root / folder).resolve().rglob(f"*.{suffix}"))
    }
    assert {path.suffix for path in printed} >= {".html", ".pdf"}
    assert {path.name for path in printed} >= {"index.html", "explorateur.html", "qualite.html", "dictionnaire.html"}
    found = {(path.name, word[0]) for path, text in printed.items() for word in SUBJECT.finditer(text)}
    assert found == set()
    current = (root / "reports" / "courant").resolve()
    page = printed[current / "index.html"]
    assert {word for word in ("patients", "hospitals", "admissions") if word in page.lower()} == {
        *("patients", "hospitals", "admissions")
    }
    checks = (root / "reports" / "courant" / "controles" / "index.html").read_text(encoding="utf-8")
    ours = _text_of(re.sub(r"<details.*?</details>|<style.*?</style>", "", checks, flags=re.S))
    assert '<html lang="en">' in checks and "Plausibility checks" in ours
    dictionary = (current / "dictionnaire.html").read_text(encoding="utf-8")
    assert 'lang="fr"' not in dictionary and "Stable code of the hospital." in dictionary
    told = _text_of(re.sub(r"<style.*?</style>", "", dictionary, flags=re.DOTALL))
    for said in (ours, told):
        assert re.findall(r"\b(?:le|la|les|des|une|est|sont|pas)\b", said) == []
