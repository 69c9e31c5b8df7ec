"""Solutions of exported models by other solvers: read back, accepted by the checker, worth what the solver says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import partload
from partload.formulations import FORMULATIONS, Formulation, by_name, model_files
from partload.formulations.explain.explanation import built
from partload.instances.errors import InputError
from partload.instances.problems import problem_of
from partload.instances.records import AnyInstance
from partload.solvers.solution_files.reading import read_point
from partload.solvers.solving import InfeasiblePlanError
from tests.support.other_solvers import WAYS, solved
from tests.support.random_cached import random_union
from tests.support.random_instances import random_instance
from tests.support.random_slide import random_slide

EXACT = [one for one in FORMULATIONS if one.linear and one.kind == "exact"]
LIBRARY = {
    "slot": ("three-models", "general-small-cached"),
    "sequence": ("three-models", "backbone-small", "visits-once"),
    "provisioning": ("slide-weights", "slide-overlap"),
}


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def exported(instance: AnyInstance, formulation: Formulation, ending: str) -> float:
    """Write the model of an instance to ``model.lp`` or ``model.mps``; the weight of a unit of its objective."""
    made = built(formulation, instance)
    model_files.write(made.model, Path(f"model.{ending}"))
    return made.weight_unit.size


def read_back(instance: AnyInstance, formulation: Formulation, way: str, ending: str) -> None:
    unit = exported(instance, formulation, ending)
    objective = solved(Path(f"model.{ending}"), Path("other.sol"), way)
    solution = partload.import_solution(instance, "other.sol", formulation=formulation.name)
    assert solution.objective == pytest.approx(objective * unit, rel=1e-6, abs=1e-9)
    assert partload.check(instance, solution).feasible
    assert (solution.method, solution.formulation, solution.bound) == (None, formulation.name, None)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("formulation", LIBRARY)
def test_the_plans_of_other_solvers_are_read_back(formulation: str, way: str):
    for number, name in enumerate(LIBRARY[formulation]):
        read_back(partload.read(name), by_name(FORMULATIONS, formulation), way, ("lp", "mps")[number % 2])


def test_set_union_too():
    for seed in range(3):
        read_back(random_union(seed), by_name(FORMULATIONS, "set-union"), WAYS[seed], "lp")


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200))
def test_random_instances_are_read_back(seed: int):
    instances = (random_instance(seed), random_slide(seed), random_union(seed))
    instance = instances[seed % 3]
    for number, formulation in enumerate(EXACT):
        if formulation.problem == problem_of(instance).name and not formulation.unsupported(instance):
            read_back(instance, formulation, WAYS[(seed + number) % len(WAYS)], ("lp", "mps")[seed % 2])


@pytest.mark.parametrize("ids", [("a b", "a_b"), ("a.b", "a:b"), ("é1", "ü1"), ("inf", "nan"), ("x", "X")])
@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_ids_that_look_alike_in_a_file_are_told_apart(ids: tuple[str, str], ending: str):
    instance = partload.read("three-models", partload.Instance)
    first, second, *others = instance.requests
    alike = instance.replace(
        requests=(dataclasses.replace(first, id=ids[0]), dataclasses.replace(second, id=ids[1], weight=2), *others)
    )
    for formulation in ("slot", "sequence"):
        read_back(alike, by_name(FORMULATIONS, formulation), "highs-raw", ending)
    served = [k for slot in partload.solve(alike).plan() for k in slot.requests]  # type: ignore[attr-defined]
    assert ids[1] in served


PLAIN = {
    "gurobi": "# Solution for model x\n# Objective value = 4\n{}",
    "plain": "{}",
    "cbc": "Optimal - objective value -4.00000000\n{}",
}


@pytest.mark.parametrize("style", PLAIN)
def test_lists_of_names_and_values(style: str):
    instance, formulation = partload.read("three-models"), by_name(FORMULATIONS, "sequence")
    exported(instance, formulation, "lp")
    solved(Path("model.lp"), Path("other.sol"), "highs-raw")
    rows = [(name, value.value) for name, value in read_point("other.sol").values.items() if value.value]
    if style == "cbc":
        lines = [f"{n:7} {name} {value:g} 0" for n, (name, value) in enumerate(rows)]
    else:
        lines = [f"{name} {value!r}" for name, value in rows]
    Path("other.sol").write_text(PLAIN[style].format("\n".join(lines)))
    solution = partload.import_solution(instance, "other.sol", formulation="sequence")
    assert (solution.objective, solution.solver) == (4, {"gurobi": "Gurobi", "cbc": "CBC", "plain": None}[style])
    assert solution.provenance is not None
    assert solution.provenance["source"] == "solution file other.sol"
    assert ("source_states" in solution.provenance) == (style != "plain")


RAW = "Model status\n{}\n\n# Primal solution values\n{}"
WRONG = {
    "empty": ("\n", "expected a solution file of HiGHS"),
    "xml": ("<?xml version='1.0'?>\n", "got XML"),
    "glpsol": ("c Problem: x\n", "expected write_solution_style 0 or 1 of HiGHS"),
    "highs infeasible": (RAW.format("Infeasible", "None\n"), "this file has none; it states 'Infeasible'"),
    "highs cut off": (
        RAW.format("Optimal", "Feasible\nObjective 1\n# Columns 2\nx 1\n"),
        "expected the name and the value",
    ),
    "scip nothing": (
        "solution status: infeasible\nno solution available\n",
        "this file has none; it states 'infeasible'",
    ),
    "cbc infeasible": ("Infeasible - objective value 0\n** 1 x 1 0\n", "line 2: expected a feasible point"),
    "words": ("x is 1\n", "line 1: expected the name and the value of a variable, got 'x is 1'"),
    "no number": ("x one\n", "line 1: expected a number, the value of variable 'x', got 'one'"),
    "not finite": ("x inf\n", "line 1: expected a number"),
    "twice": ("visited(A) 1\n\nvisited(A) 1\n", "line 3: expected each variable once, 'visited(A)' is on line 1 too"),
    "unknown": (
        "visited(A) 1\nx 1\n",
        "line 2: expected a solution of the exported model 'sequence' of 'three-models', this",
    ),
    "half": (
        "served(_A_1_) 0.5\n",
        "line 1: expected a whole number for variable 'served(_A_1_)', got 0.5; was it solved as",
    ),
    "out of bounds": ("served(_A_1_) 2\n", "line 1: expected a solution of the exported model"),
    "objective": (
        "objective value: 3\nserved(_A_1_) 1 \t(obj:1)\n",
        "it states the objective 3, its values are worth 1",
    ),
    "incomplete": (
        RAW.format("Optimal", "Feasible\nObjective 1\n# Columns 1\nserved(_A_1_) 1\n"),
        "of the model is missing",
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_that_is_not_a_solution_of_the_model_is_refused_in_one_line(wrong: str):
    text, expected = WRONG[wrong]
    Path("other.sol").write_text(text)
    with pytest.raises(InputError) as caught:
        partload.import_solution("three-models", "other.sol", formulation="sequence")
    assert str(caught.value).startswith("other.sol: ")
    assert expected in str(caught.value)


def test_the_solution_of_another_instance_is_refused():
    exported(partload.read("visits-once"), by_name(FORMULATIONS, "sequence"), "lp")
    solved(Path("model.lp"), Path("other.sol"), "scip")
    with pytest.raises(InputError, match="this is one of another model: the model has no variable"):
        partload.import_solution("three-models", "other.sol", formulation="sequence")


def test_a_plan_that_the_checker_rejects_is_not_taken():
    served = [f"served(_{model}_{n}_) 1" for model in "ABC" for n in (1, 2)]
    Path("other.sol").write_text("\n".join((*served, *(f"arc(hub_{model}) 1" for model in "ABC"))))
    with pytest.raises(InfeasiblePlanError, match=r"^other\.sol: its plan is not feasible: .*deadline"):
        partload.import_solution("three-models", "other.sol", formulation="sequence")


def test_a_formulation_that_is_not_linear_has_no_such_file():
    Path("other.sol").write_text("x 1\n")
    with pytest.raises(InputError, match=r"expected a linear formulation, 'joint' has no \.lp or \.mps file"):
        partload.import_solution("three-models", "other.sol", formulation="joint")
