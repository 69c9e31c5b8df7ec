"""Each lesson runs, its solutions pass its own checks, and the wrong answers that it names are rejected with a hint."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

LESSONS = sorted((Path(__file__).parents[2] / "docs" / "lessons").glob("[0-9]*.py"))


def test_lessons_are_numbered_in_order():
    assert [int(lesson.name[:2]) for lesson in LESSONS] == list(range(len(LESSONS)))


@pytest.mark.parametrize(
    "lesson",
    [pytest.param(one, id=one.stem, marks=[pytest.mark.long] if number else []) for number, one in enumerate(LESSONS)],
)
def test_solutions_pass_and_wrong_answers_are_rejected(lesson: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    names = runpy.run_path(str(lesson))
    exercises = sorted(int(name.removeprefix("check_")) for name in names if re.fullmatch(r"check_\d+", name))
    assert exercises == list(range(1, len(exercises) + 1))
    assert exercises, "a lesson has exercises"
    for number in exercises:
        check, wrong = names[f"check_{number}"], names[f"wrong_{number}"]
        check(names[f"solution_{number}"])
        assert wrong, "an answer that is often given"
        for answer in wrong:
            with pytest.raises(AssertionError) as rejected:
                check(answer)
            assert str(rejected.value).strip(), "the check gives a hint"


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_lesson_begins_with_a_question_and_ends_with_one(lesson: Path):
    text = lesson.read_text(encoding="utf-8")
    assert "**A question to begin with.**" in text
    assert text.index("## Exercises") < text.index("## What you can answer now")
    assert re.search(r"^# \*\d+ minutes\.", text, re.MULTILINE)
    assert f"# # {lesson.name[:2]} " in text
