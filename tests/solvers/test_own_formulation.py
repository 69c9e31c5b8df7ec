"""Formulations of the user's own: plans are checked, bounds are marked as claims, mistakes are told in one line."""

from __future__ import annotations

import importlib
import itertools
import re
import sys
from pathlib import Path

import cloudpickle
import pytest

import partload
from partload.cli import run
from partload.instances.solution import SolutionHeader
from partload.solvers.exact.task import News
from partload.solvers.user_formulation.declaration import FormulationError
from partload.solvers.user_formulation.source import load
from partload.solvers.user_formulation.task import Done, Packed, Task
from partload.solvers.user_formulation.work import work

CLAIM = "the bound is a claim of mine:build, which calls itself {}; partload has checked the plan, not the formulation"
KNAPSACK = """
import pyomo.environ as pyo
from partload import InputError, slide
from partload.instances.slide.provisioning import pair_requirements, plan_of


class Built:
    def __init__(self, instance, slack):
        self.instance = instance
        self.pairs = [(user.id, model) for user in instance.users for model in instance.allowed(user)]
        share = pair_requirements(instance, self.pairs).bandwidth_hz / instance.downlink.bandwidth_hz
        share = dict(zip(self.pairs, share))
        weight = {user.id: user.weight for user in instance.users}
        m = self.model = pyo.ConcreteModel()
        m.x = pyo.Var(self.pairs, domain=DOMAIN)
        m.weight = pyo.Objective(expr=sum(weight[k] * m.x[k, i] for k, i in self.pairs), sense=pyo.maximize)
        m.band = pyo.Constraint(expr=sum(share[pair] * m.x[pair] for pair in self.pairs) <= BAND + slack)
        m.one = pyo.ConstraintList()
        for user in instance.users:
            m.one.add(sum(m.x[k, i] for k, i in self.pairs if k == user.id) <= 1)
        CHANGE

    def extract(self):
        return plan_of(self.instance, [pair for pair in self.pairs if self.model.x[pair].value > 0.5])


def build(instance, *, slack):
    BEFORE
    return Built(instance, slack)
"""


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


def write(kind: str | None, *, domain: str = "pyo.Binary", band: str = "1", change: str = "", before: str = "") -> None:
    text = KNAPSACK.replace("DOMAIN", domain).replace("BAND", band).replace("CHANGE", change).replace("BEFORE", before)
    Path("mine.py").write_text(text + (f"\nKIND = {kind!r}\n" if kind else ""))


def solved_here(engine: str | None = None) -> tuple[Done, list[News]]:
    """Solve it in this process, and what is sent: a process takes most of a second to start."""
    names = itertools.count()
    name = next(f"mine_{n}" for n in names if f"mine_{n}" not in sys.modules)
    Path("mine.py").rename(f"{name}.py")
    instance = cloudpickle.dumps(partload.read("slide-weights"))
    sent: list[News] = []
    try:
        return work(sent.append, Task(Packed(f"{name}:build"), instance, engine, None, 0.0, None)), sent
    finally:
        sys.path.remove(str(Path.cwd()))


def solved(**options: object) -> SolutionHeader:
    solution = partload.solve("slide-weights", formulation="mine:build", **options)  # type: ignore[arg-type]
    assert partload.check("slide-weights", solution).feasible
    assert (solution.method, solution.formulation) == ("own-formulation", "mine:build")
    return solution


def test_an_exact_formulation_is_proved_by_the_claim_of_its_module():
    write("exact")
    solution = solved()
    assert (solution.objective, solution.bound, solution.status, solution.termination) == (10, 10, "optimal", "proved")
    assert solution.provenance is not None
    assert solution.provenance["claim"] == CLAIM.format("exact")
    assert "HiGHS" in (solution.solver or "")


def test_the_value_of_a_relaxation_is_a_bound():
    write("relaxation", domain="pyo.UnitInterval")
    solution = solved()
    assert solution.bound == pytest.approx(11, abs=1e-3)
    assert solution.provenance is not None
    assert solution.provenance["claim"] == CLAIM.format("relaxation")


def test_without_the_claim_there_is_no_bound():
    write(None)
    solution = solved()
    assert (solution.objective, solution.bound, solution.status) == (10, None, "feasible")
    assert solution.termination == "heuristic-end"
    claim = "no bound: the module of mine:build does not say KIND = 'exact' or 'relaxation'"
    assert (solution.provenance or {})["claim"] == claim


def test_a_restriction_has_plans_and_no_bound():
    write("restriction")
    done, sent = solved_here("scip")
    assert done.termination == "heuristic-end"
    assert [news.bound for news in sent if news.bound is not None] == []
    assert [len(news.plan) for news in sent if news.plan]
    assert any("SCIP" in (news.solver or "") for news in sent)


def test_a_relaxation_may_give_a_plan_that_is_not_feasible():
    write("relaxation", band="3")
    done, sent = solved_here()
    assert (done.termination, [news.plan for news in sent if news.plan]) == ("heuristic-end", [])
    assert min(news.bound for news in sent if news.bound is not None) >= 10


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("exact", "mine:build, which claims to be exact, gives a plan that is not feasible: .*bandwidth"),
        ("restriction", "mine:build, which claims to be restriction, gives a plan that is not feasible"),
        (
            None,
            "mine:build gives a plan that is not feasible: .*; if it is a relaxation, its module has to say KIND =",
        ),
    ],
)
def test_the_plan_of_any_other_is_an_error_if_it_breaks_a_rule(kind: str | None, said: str):
    write(kind, band="3")
    with pytest.raises(FormulationError, match=f"^formulation: {said}".replace("mine", r"mine_\d+")):
        solved_here()


def test_a_bound_that_its_own_plan_contradicts_is_no_bound():
    write("exact", change="m.less = pyo.Objective(expr=0.5 * m.weight.expr, sense=pyo.maximize); m.weight.deactivate()")
    solution = solved()
    assert (solution.objective, solution.bound) == (10, None)
    assert "the method proves at most 5" in (solution.provenance or {})["warning"]


def test_a_model_that_is_not_linear_is_solved_by_scip():
    write("exact", change="m.square = pyo.Constraint(expr=sum(v * v for v in m.x.values()) <= 100)")
    done, sent = solved_here()
    assert (done.termination, any("SCIP" in (news.solver or "") for news in sent)) == ("proved", True)
    write("exact", change="m.square = pyo.Constraint(expr=sum(v * v for v in m.x.values()) <= 100)")
    with pytest.raises(FormulationError, match=r"mine_[0-9]+:build is not linear, expected solver scip, got highs"):
        solved_here("highs")


def test_nothing_feasible_is_no_proof():
    write("exact", change="m.never = pyo.Constraint(expr=sum(m.x.values()) >= 100)")
    done, sent = solved_here()
    assert done.termination == "error"
    assert [news.bound for news in sent if news.bound is not None] == []
    assert any("finds nothing feasible, but serving nobody is" in (news.note or "") for news in sent)


WRONG = {
    "sense": ({"change": "m.weight.sense = pyo.minimize"}, ":build: expected an objective to be maximised"),
    "objectives": ({"change": "m.weight.deactivate()"}, "expected one active objective, the model has 0"),
    "sets": ({"change": "m.s = pyo.SOSConstraint(var=m.x, sos=1)"}, "alone, 's' is a SOSConstraint"),
    "model": ({"change": "self.model = 3"}, "expected model to be a pyomo.environ.ConcreteModel, got int"),
    "unit": ({"change": "self.weight_unit = 3"}, "expected weight_unit to be a WeightUnit above 0, got 3"),
    "nothing": (
        {"before": "return None"},
        "an object with model and extract(), got NoneType, which has no model",
    ),
    "crash": ({"before": "return 1 / 0"}, "failed with ZeroDivisionError: division by zero (mine.py:"),
    "refusal": ({"before": "raise InputError('expected equal weights', 'users')"}, "expected equal weights"),
    "extract": (
        {"change": "self.extract = lambda: [1]"},
        "expected a sequence of Served, got a value of type int",
    ),
    "extract fails": ({"change": "self.extract = lambda: 1 / 0"}, "extract failed with ZeroDivisionError"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_missing_is_said(wrong: str):
    changes, expected = WRONG[wrong]
    write("exact", **changes)
    with pytest.raises(partload.InputError) as caught:
        solved_here()
    assert expected in re.sub(r"\(\S*/mine_\d+", "(mine", str(caught.value))


def test_what_its_module_lacks_is_said():
    write("precise")
    with pytest.raises(FormulationError, match=r"expected KIND to be one of 'exact', .*, got 'precise'"):
        solved_here()
    Path("mine.py").write_text("def build(instance):\n    return None\n")
    with pytest.raises(FormulationError, match=r"expected build\(instance, \*, slack\) with the keyword slack"):
        solved_here()
    for name, said in (("own_0:other", "expected a function 'other'"), ("nobodys:build", "cannot import 'nobodys'")):
        Path("own_0.py").touch()
        with pytest.raises(FormulationError, match=said):
            load(name)


def test_a_process_that_dies_is_told(capfd):
    write("exact", before="import os; os._exit(3)")
    with pytest.raises(FormulationError, match=r"^formulation: .*3"):
        solved()


def test_limits_hold():
    write("exact", before="while True: pass")
    solution = solved(time_limit=0.5)
    assert (solution.status, solution.termination, solution.bound) == ("unknown", "time-limit", None)
    write("exact", before="held = bytearray(2 * 10**9)")
    with pytest.raises(FormulationError, match="used more than 500 MB of memory"):
        solved(memory="500MB")


def test_a_function_is_as_good_as_its_name(monkeypatch: pytest.MonkeyPatch):
    write("exact")
    Path("mine.py").rename("function_of_mine.py")
    monkeypatch.syspath_prepend(str(Path.cwd()))
    build = importlib.import_module("function_of_mine").build
    solution = partload.solve("slide-weights", formulation=build)
    assert (solution.objective, solution.bound, solution.formulation) == (10, 10, "function_of_mine:build")


def test_a_method_beside_it_is_refused():
    write("exact")
    with pytest.raises(partload.InputError, match="method: expected no method beside a formulation of your own"):
        partload.solve("slide-weights", "milp", formulation="mine:build")


def test_the_command_says_whose_claim_the_bound_is(capfd):
    write("exact")
    assert run(["solve", "slide-weights", "--formulation", "mine:build"]) == 0
    out = capfd.readouterr().out
    assert f"claim      {CLAIM.format('exact')}\n" in out
    assert "by         own-formulation / mine:build / HiGHS" in out
    assert "status     optimal: the proof is complete, if the claim below holds" in out
    write("exact", before="print('thinking'); return 1 / 0")
    assert run(["solve", "slide-weights", "--formulation", "mine:build", "--traceback"]) == 2
    err = capfd.readouterr().err
    assert err.startswith("thinking\nTraceback")
    assert "partload: formulation: failed with ZeroDivisionError" in err.splitlines()[-1]


def test_it_is_exported(capfd):
    write("exact")
    Path("mine.py").rename("written.py")  # A name of its own: modules stay imported here.
    assert run(["export", "slide-weights", "--formulation", "written:build", "-o", "model.lp"]) == 0
    assert "wrote model.lp" in capfd.readouterr().out
    Path("model.sol").write_text("x(a_a) 1\n")
    call = ["import-solution", "slide-weights", "model.sol", "--formulation", "written:build"]
    assert run(call) == 0
    assert "by         written:build" in capfd.readouterr().out


@pytest.mark.long
def test_it_is_compared(capfd):
    write("exact")
    assert run(["formulations", "--compare", "slide-weights", "--formulation", "mine:build", "--time-limit", "9"]) == 0
    rows = [line.split() for line in capfd.readouterr().out.splitlines()]
    (row,) = (row for row in rows if row and row[0] == "mine:build")
    assert row[5:7] == ["10", "10"], "plan and bound"


def test_another_name_is_not_one_of_the_users_own(capfd):
    assert run(["formulations", "--compare", "slide-weights", "--formulation", "slot"]) == 2
    assert "--formulation: expected package.module:function" in capfd.readouterr().err
