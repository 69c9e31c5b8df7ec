"""The commands and the Python interface for SLIDE, and what they say where the two problems are mixed up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import partload
from partload import slide
from partload.cli import run
from partload.instances import files
from partload.solvers import METHODS

INSTANCE = "slide-overlap"
USERS = 61


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def solved() -> Path:
    path = Path("solution.json")
    partload.write(partload.solve(partload.read(INSTANCE)), path)
    return path


def test_solve_prints_users_and_proof(capfd):
    assert run(["solve", INSTANCE, "-o", "solution.json"]) == 0
    printed = capfd.readouterr()
    for text in ("1.333 Hz", "33.33%", "1 FLOP/s", "3 of 4 users", "objective  3", "bound      3", "saves 12 s in all"):
        assert text in printed.out
    assert "status     optimal: the proof is complete" in printed.out
    assert "Jain's index of bandwidth 1" in printed.out
    assert printed.err == ""
    assert run(["check", INSTANCE, "solution.json"]) == 0
    assert capfd.readouterr().out.splitlines()[0] == "feasible, objective 3"


def test_units_are_those_that_suit_the_numbers(capfd):
    assert run(["solve", "slide-cell-20"]) == 0
    printed = capfd.readouterr().out
    assert " MHz " in printed
    assert " GFLOP/s " in printed


def test_solve_json_prints_the_solution_and_nothing_else(capfd):
    assert run(["solve", INSTANCE, "--json", "-o", "solution.json"]) == 0
    printed = capfd.readouterr()
    assert files.parse(printed.out) == partload.read("solution.json")
    assert json.loads(printed.out)["format"] == "partload/slide-solution"
    assert printed.err == ""


@pytest.mark.parametrize("method", [method for method in METHODS if method.problem == "slide"], ids=lambda m: m.name)
def test_every_method(method, capfd):
    assert run(["solve", INSTANCE, "--method", method.name, "--seed", "1", "-o", "solution.json"]) == 0
    assert f"by         {method.name}" in capfd.readouterr().out
    solution = partload.read("solution.json")
    assert (solution.objective == 3) or not method.exact
    assert solution.bound == (3 if method.exact else None)
    assert run(["check", INSTANCE, "solution.json"]) == 0


@pytest.mark.parametrize(
    "options",
    [
        ["--formulation", "provisioning"],
        ["--formulation", "provisioning", "--solver", "scip"],
        ["--formulation", "recursion"],
        ["--solver", "highs"],
        ["--gap", "0.5"],
        ["--time-limit", "5"],
        *(["--bandwidth", goal] for goal in ("weighted", "proportional", "max-min")),
    ],
    ids=" ".join,
)
def test_options_of_solve(options, capfd):
    assert run(["solve", "slide-tiny-power", *options, "-o", "solution.json"]) == 0
    assert "objective  4" in capfd.readouterr().out
    assert run(["check", "slide-tiny-power", "solution.json"]) == 0


def test_check_lists_every_violation(solved: Path, capfd):
    document = json.loads(solved.read_text())
    document["users"][0] |= {"bandwidth_hz": 3.0, "flop_per_s": [1.0] * len(document["users"][0]["download_end_s"])}
    document["users"][1]["model"] = "none"
    document["objective"] = 17
    solved.write_text(json.dumps(document))
    assert run(["check", INSTANCE, str(solved)]) == 1
    printed = capfd.readouterr().out
    assert "2 violations" in printed
    assert "a speed for each layer" in printed
    assert "no model 'none'" in printed


def test_check_convex(solved: Path, capfd):
    assert run(["check", INSTANCE, str(solved), "--convex"]) == 0
    printed = capfd.readouterr().out
    assert "least bandwidths" in printed
    assert "counts as agreement" in printed


@pytest.mark.parametrize("family", ["slide-architectures", "slide-synthetic"])
def test_generate(family: str, capfd):
    assert run(["generate", family, "--users", "5", "--seed", "2", "-o", "made.json"]) == 0
    assert "5 users" in capfd.readouterr().out
    assert partload.read("made.json") == partload.generate(family, users=5, seed=2)
    assert run(["solve", "made.json"]) == 0


@pytest.mark.parametrize("name", ["provisioning.lp", "provisioning.mps", "provisioning.nl", "recursion.nl"])
def test_export(name: str, capfd):
    assert run(["export", INSTANCE, "--formulation", Path(name).stem, "-o", name]) == 0
    assert Path(name).stat().st_size > 100
    assert "maximised" in capfd.readouterr().out


@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_an_exported_model_has_the_same_optimum(ending: str):
    import highspy

    run(["export", INSTANCE, "--formulation", "provisioning", "-o", f"model.{ending}"])
    solver = highspy.Highs()
    solver.silent()
    assert solver.readModel(f"model.{ending}") == highspy.HighsStatus.kOk
    solver.run()
    assert solver.getInfo().objective_function_value == pytest.approx(3)


@pytest.mark.parametrize("formulation", ["provisioning", "recursion"])
def test_explain(formulation: str, capfd):
    assert run(["explain", formulation]) == 0
    printed = capfd.readouterr().out
    assert r"\begin{align*}" in printed
    assert "sizes for slide-overlap" in printed


@pytest.mark.parametrize("what", ["schedule", "spectrum"])
@pytest.mark.parametrize("ending", ["svg", "png", "html"])
def test_plot(what: str, ending: str, solved: Path, capfd):
    assert run(["plot", str(solved), "-o", f"picture.{ending}", "--what", what]) == 0
    assert capfd.readouterr().out == f"wrote picture.{ending}\n"
    content = Path(f"picture.{ending}").read_bytes()
    assert len(content) > 1000
    if ending != "png":
        assert "u1, m" in content.decode() or what == "spectrum"


def many_users() -> slide.Instance:
    """All are served with a model that is here at once."""
    model = slide.Model("m", (slide.Layer(0.0, 1.0),))
    flat = partload.FlatChannel(1.0)
    users = tuple(slide.User(f"u{k}", ("m",), flat, deadline_s=2.0, max_flop_per_s=1.0) for k in range(USERS))
    return slide.Instance("many", slide.Downlink(1.0), (model,), users)


def test_a_schedule_of_many_users_says_what_it_does_not_know():
    instance = many_users()
    partload.write(instance, "many.json")
    assert run(["solve", "many.json", "-o", "solution.json"]) == 0
    assert run(["plot", "solution.json", "-o", "a.svg", "--instance", "many.json"]) == 0
    assert "deadlines not known" not in Path("a.svg").read_text(encoding="utf-8")
    assert run(["plot", "solution.json", "-o", "b.svg"]) == 0
    assert "deadlines not known" in Path("b.svg").read_text(encoding="utf-8")


def test_gap(capfd):
    assert run(["gap", INSTANCE, "--sweep", "users=2,4", "-o", "rows.jsonl"]) == 0
    printed = capfd.readouterr().out
    for method in ("exact", "download-first", "equal-bandwidth", "smallest-model"):
        assert method in printed
    assert "runs       8 of 8" in printed


def test_catalogues(capfd):
    assert run(["library"]) == 0
    assert f" {INSTANCE} " in capfd.readouterr().out
    assert run(["schema", "partload/slide"]) == 0
    assert json.loads(capfd.readouterr().out)["title"] == "partload/slide"


def whoever_fits(instance: slide.Instance) -> list[slide.Served]:
    """At full speed, each on a third of the band."""
    third = instance.downlink.bandwidth_hz / 3
    return [slide.Served(user.id, user.models[0], third, user.max_flop_per_s) for user in instance.users[:3]]


def test_a_heuristic_of_ones_own():
    instance = partload.read(INSTANCE)
    solution = partload.solve(instance, whoever_fits)
    assert isinstance(solution, slide.Solution)
    assert (solution.objective, solution.bound, solution.status) == (3, None, "feasible")
    assert partload.check(instance, solution).feasible
    assert partload.check_plan(instance, whoever_fits(instance)).feasible
    partload.plot(solution, "picture.svg", instance)
    with pytest.raises(partload.InputError, match="expected a sequence of Served, got a value of type Slot"):
        partload.solve(instance, lambda _: [partload.Slot("m", ("u1",))])
    study = partload.gap([instance], [whoever_fits, "exact"])
    assert [line.gap for line in study.lines()] == [0, 0]


def test_names_from_python():
    assert all(hasattr(slide, name) for name in slide.__all__)


MIXED_UP = {
    "method": (["solve", INSTANCE, "--method", "dynamic"], "'dynamic', a method of partial-loading"),
    "method of SLIDE": (["solve", "three-models", "--method", "admission"], "'admission', a method of slide"),
    "formulation": (["solve", INSTANCE, "--formulation", "slot"], "which has provisioning, recursion"),
    "formulation of SLIDE": (
        ["solve", "three-models", "--formulation", "recursion"],
        "which has slot, sequence, set-union, cone, joint",
    ),
    "formulation explained": (
        ["explain", "recursion", "three-models"],
        "which has slot, sequence, set-union, cone, joint",
    ),
    "formulation exported": (["export", INSTANCE, "--formulation", "slot", "-o", "a.lp"], "provisioning, recursion"),
    "export nonlinear": (["export", INSTANCE, "--formulation", "recursion", "-o", "a.lp"], "ending in .nl"),
    "solver": (["solve", INSTANCE, "--method", "admission", "--solver", "scip"], "does not cover solver 'scip'"),
    "solver of a MINLP": (["solve", INSTANCE, "--formulation", "recursion", "--solver", "highs"], "solver 'highs'"),
    "weights": (["solve", "slide-weights", "--method", "admission"], "does not cover weights 'different'"),
    "goal": (["solve", INSTANCE, "--bandwidth", "fair"], "expected one of weighted, proportional, max-min"),
    "solution checked": (["check", "three-models", "solution.json"], "solution.json: expected a solution of partial"),
    "other solution checked": (["check", INSTANCE, "other.json"], "other.json: expected a solution of slide"),
    "checked again": (["check", "three-models", "solution.json", "--convex"], "expected a solution of partial-loading"),
    "picture": (["plot", "solution.json", "-o", "a.svg", "--instance", "three-models"], "is of partial-loading"),
    "other picture": (["plot", "other.json", "-o", "a.svg", "--instance", INSTANCE], "is of slide"),
    "spectrum": (
        ["plot", "other.json", "-o", "a.svg", "--what", "spectrum", "--instance", INSTANCE],
        "expected an instance of partial-loading",
    ),
    "picture of another": (["plot", "solution.json", "-o", "a.svg", "--instance", "slide-energy"], "slide-overlap"),
    "no sharing": (["gap", INSTANCE, "--no-sharing", "exact"], "leave it out"),
    "sweep": (["gap", INSTANCE, "--sweep", "load-rate=1,2"], "energy-budget, parts"),
    "family option": (["generate", "slide-synthetic", "--requests", "3", "-o", "a.json"], "--requests"),
    "family option out of range": (["generate", "slide-synthetic", "--users", "0", "-o", "a.json"], "--users"),
}


@pytest.mark.parametrize(("call", "word"), MIXED_UP.values(), ids=MIXED_UP)
def test_what_belongs_to_the_other_problem_ends_in_one_line(call: list[str], word: str, solved: Path, capfd):
    partload.write(partload.solve(partload.read("three-models")), "other.json")
    before = set(Path().iterdir())
    assert run(call) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("partload: ")
    assert printed.err.count("\n") == 1
    assert word in printed.err
    assert set(Path().iterdir()) == before, "nothing is left behind"
