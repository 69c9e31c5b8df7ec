"""What notebooks show: key numbers, pictures, tables; escaped, small, and without a request to anybody."""

from __future__ import annotations

import dataclasses
import gc
import re
import subprocess
import sys

import pytest

import partload
from partload import notebook
from partload.benchmarks.gap.study import Study
from partload.instances import library, showing
from partload.plots.picture import module_for
from partload.solvers.recording import record_solution
from tests.support.pages import Page

NASTY = "</td><script>alert(1)</script>&\"'"
LARGEST = 400_000
"""Letters of the HTML of any record."""


def shown(record) -> str:
    """The HTML of a record, which is balanced, asks nobody for anything and runs nothing."""
    text = record._repr_html_()
    page = Page(text)
    assert page.open == []
    assert [address for address in page.fetched if not address.startswith("#")] == []
    assert not {"script", "style", "link", "img", "meta"} & set(page.seen)
    assert len(text) < LARGEST
    return text


def facts(text: str) -> dict[str, str]:
    return dict(re.findall(r'<tr><th scope="row"[^>]*>(.*?)</th><td[^>]*>(.*?)</td></tr>', text))


def test_an_instance_is_its_key_numbers():
    found = facts(shown(partload.read("three-models")))
    assert found["models"] == "3, made of 3 blocks"
    assert found["requests"] == str(len(partload.read("three-models").demand))
    assert found["deadlines"] == "13 s"
    found = facts(shown(partload.read("slide-cell-20")))
    assert found["users"] == "20"
    assert found["models"] == "6, with 109 layers in all"
    assert found["rules"] == "accuracy, least speeds"


@pytest.mark.parametrize("name", ["three-models", "slide-overlap"])
def test_a_solution_is_its_numbers_and_its_schedule_in_the_colours_of_the_notebook(name):
    solution = partload.solve(name)
    text = shown(solution)
    found = facts(text)
    assert found["objective"] == found["bound"] == f"{solution.objective:g}"
    assert found["gap"] == "0.00%"
    assert f"solution of &#x27;{name}&#x27;: optimal" in text
    assert text.count("<svg ") == text.count("</svg>") == 1
    assert "currentColor" in text
    assert text.count("<title>") >= len(solution.plan())  # What a reader points at says what it is.
    assert not re.search(r"#1f1f23|fill: #fffffe|<!--|<\?xml|<!DOCTYPE|xlink:href=\"(?!#)", text)


def test_the_picture_has_deadlines_while_the_instance_is_known():
    unknown = "(deadlines not known)"

    def title(solution) -> str:
        picture = module_for(solution, "gantt").picture([(solution, notebook._instance_of(solution))])
        return picture.figure.axes[0].get_title(loc="left")

    assert unknown not in title(partload.solve("three-models"))
    instance = partload.generate("general", models=3, requests=6, seed=1)
    solution = partload.solve(instance)
    assert unknown not in title(solution)
    # Another instance of the same name is not taken for it, nor is the one of the library.
    assert unknown in title(dataclasses.replace(solution, instance_sha256="0"))
    assert unknown in title(dataclasses.replace(solution, instance="three-models", instance_sha256="0"))
    digest = solution.instance_sha256
    assert showing.remembered(digest) is instance
    del instance
    gc.collect()
    assert showing.remembered(digest) is None
    assert unknown in title(solution)


def test_a_study_is_the_table_of_its_methods():
    study = partload.gap(["three-models"], ["exact", "greedy-rate"])
    text = shown(study)
    assert "<strong>study: 2 of 2 runs, 1 instances</strong>" in text
    cells = re.findall(r"<td[^>]*>(.*?)</td>", text)
    assert [cells[0], cells[8]] == ["exact", "greedy-rate"]
    assert cells[1:4] == ["1", "1 of 1", "0.00%"]
    many = tuple(
        dataclasses.replace(row, asked=dataclasses.replace(row.asked, method=f"{NASTY}{n}"))
        for n in range(600)
        for row in study.rows
    )
    text = shown(Study(many, len(many), tuple(f"{NASTY} {n}" for n in range(600))))
    assert "and 550 more methods" in text
    assert "more notes" in text
    assert shown(Study((), 3)).count("<tr>") == 1


@pytest.mark.parametrize("name", ["three-models", "slide-overlap"])
def test_names_are_escaped(name):
    instance = partload.read(name).replace(name=NASTY, description=f"{NASTY} {'long ' * 9000}")
    solution = partload.solve(instance)
    model = instance.models[0]
    renamed = instance.replace(models=(dataclasses.replace(model, id=NASTY), *instance.models[1:]), **_for(instance))
    warned = dataclasses.replace(solution, provenance={"warning": NASTY}, method=NASTY)
    for record in (instance, solution, warned, partload.solve(renamed)):
        text = shown(record)
        assert "alert(1)" in text
        assert "<script" not in text


def _for(instance) -> dict[str, object]:
    """The demand of an instance, asking for the renamed first model."""
    first = instance.models[0].id
    if isinstance(instance, partload.Instance):
        return {
            "requests": tuple(
                dataclasses.replace(one, model=NASTY if one.model == first else one.model) for one in instance.requests
            )
        }
    return {
        "users": tuple(
            dataclasses.replace(one, models=tuple(NASTY if name == first else name for name in one.models))
            for one in instance.users
        )
    }


def test_large_plans_and_instances_stay_small():
    instance = partload.generate("general", models=400, requests=3000, seed=1, deadline=600.0)
    assert len(shown(instance)) < 3000
    solution = partload.solve(instance, "one-per-batch")
    assert len(solution.plan()) > 200
    text = shown(solution)
    assert "<svg" not in text
    assert "partload.plot(solution, &#x27;plan.svg&#x27;) draws it" in text
    users = partload.solve(partload.generate("slide-synthetic", users=300, seed=1))
    assert len(users.plan()) > 60
    shown(users)


def test_a_solution_without_times_says_why_it_has_no_picture():
    claimed = partload.Solution(instance="x", slots=({"model": "a", "requests": ("k",)},))
    text = shown(claimed)
    assert "No picture: slots[0]: expected the times of the slot" in text
    assert facts(text)["served"] == "1 requests"
    assert "not judged" in text


def test_without_the_extra_the_numbers_are_shown_and_the_extra_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    text = shown(partload.solve("three-models"))
    assert "<svg" not in text
    assert facts(text)["objective"] == "4"
    assert "pip install &#x27;partload[plot]&#x27;" in text


def test_an_empty_plan_is_shown():
    instance = library.load("three-models", partload.Instance)
    report = partload.check_plan(instance, ())
    assert "0 requests" in shown(record_solution(instance, (), report.times, objective=0.0, status="unknown"))


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, partload; assert partload.showing._doors; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert not {"numpy", "pydantic", "rich", "IPython", "partload.notebook"} & set(done.stdout.split())
