"""The command line: exit statuses, errors in one line, and what each command prints and writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import partload
from partload.cli import run
from partload.instances import files, library


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def solved() -> Path:
    path = Path("solution.json")
    instance = partload.read("three-models")
    partload.write(partload.solve(instance), path)
    return path


def test_solve_prints_slots_and_proof(capfd):
    assert run(["solve", "three-models"]) == 0
    printed = capfd.readouterr()
    for word in ("loaded", "reused", "start", "ready", "end", "4 of 6 requests", "objective  4", "bound      4"):
        assert word in printed.out
    assert "gap        0.00%" in printed.out
    assert "status     optimal: the proof is complete" in printed.out
    assert printed.err == ""


def test_solve_json_prints_the_solution_and_nothing_else(capfd):
    assert run(["solve", "three-models", "--json", "-o", "solution.json"]) == 0
    printed = capfd.readouterr()
    solution = files.parse(printed.out)
    assert solution == partload.read("solution.json")
    assert (solution.objective, solution.status) == (4, "optimal")
    assert json.loads(printed.out)["format"] == "partload/partial-loading-solution"
    assert printed.err == ""


def test_solve_at_a_time_limit_is_done(capfd):
    assert run(["solve", "general-60x1000", "--time-limit", "0.01", "-o", "solution.json"]) == 0
    assert "the time limit was reached" in capfd.readouterr().out
    assert run(["check", "general-60x1000", "solution.json"]) == 0


def test_own_heuristic(capfd):
    source = "def nobody(instance):\n    return []\n"
    Path("own_heuristic.py").write_text(source)
    assert run(["solve", "three-models", "--method", "own_heuristic:nobody", "--json"]) == 0
    solution = files.parse(capfd.readouterr().out)
    assert (solution.objective, solution.bound, solution.status) == (0, None, "unknown")


def test_check_feasible(solved: Path, capfd):
    assert run(["check", "three-models", str(solved)]) == 0
    assert capfd.readouterr().out.splitlines()[0] == "feasible, objective 4"


def test_check_lists_every_violation(solved: Path, capfd):
    document = json.loads(solved.read_text())
    document["slots"][0]["requests"] = ["A.1", "A.1"]
    document["objective"] = 17
    solved.write_text(json.dumps(document))
    assert run(["check", "three-models", str(solved)]) == 1
    printed = capfd.readouterr().out
    assert "not feasible" in printed
    for rule in ("served-twice", "objective"):
        assert rule in printed
    assert "A.1" in printed
    assert "13" in printed, "the amount by which the objective is off"


@pytest.mark.parametrize(("of", "other"), [("three-models", "visits-any"), ("slide-overlap", "slide-weights")])
def test_check_says_first_that_a_solution_names_another_instance(of: str, other: str, capfd):
    solution = partload.solve(partload.read(of))
    partload.write(solution, "solution.json")
    assert run(["check", other, "solution.json"]) == 1
    printed = capfd.readouterr().out
    assert 0 < printed.index("names instance") < printed.index("unknown-id")
    assert partload.check(partload.read(other), solution).violations[0].problem == (
        f"the solution names instance '{of}', expected '{other}'"
    )


def test_generate_is_read_back_and_solved(capfd):
    assert run(["generate", "backbone", "--models", "3", "--requests", "6", "--seed", "5", "-o", "made.json"]) == 0
    made = partload.read("made.json")
    assert made == partload.generate("backbone", models=3, requests=6, seed=5)
    assert run(["solve", "made.json"]) == 0


def test_generate_has_every_option_of_the_family(capfd):
    assert run(["generate", "backbone", "--help"]) == 0
    help_text = capfd.readouterr().out
    from partload.instances.generators import FAMILIES

    for name in FAMILIES["backbone"].options.__dataclass_fields__:
        assert f"--{name.replace('_', '-')}" in help_text
    flags = ["--integer", "--residency", "cached", "--weights", "random", "--load-latency", "1"]
    assert run(["generate", "general", *flags, "-o", "made.json"]) == 0
    assert partload.read("made.json").server.residency == "cached"


def test_generate_without_a_family_lists_them(capfd):
    assert run(["generate"]) == 0
    assert "backbone" in capfd.readouterr().out


@pytest.mark.parametrize("ending", ["lp", "mps", "nl"])
def test_export(ending: str, capfd):
    assert run(["export", "three-models", "--formulation", "slot", "-o", f"model.{ending}"]) == 0
    text = Path(f"model.{ending}").read_text()
    assert len(text) > 500
    printed = capfd.readouterr().out
    assert "variables" in printed
    assert "maximised" in printed


@pytest.mark.parametrize("ending", ["lp", "mps"])
def test_exported_model_has_the_same_optimum(ending: str):
    import highspy

    run(["export", "three-models", "--formulation", "slot", "-o", f"model.{ending}"])
    solver = highspy.Highs()
    solver.silent()
    assert solver.readModel(f"model.{ending}") == highspy.HighsStatus.kOk
    assert solver.getLp().sense_ == highspy.ObjSense.kMaximize
    solver.run()
    assert solver.getInfo().objective_function_value == pytest.approx(4)


def test_explain(capfd):
    assert run(["explain"]) == 0
    printed = capfd.readouterr().out
    assert r"\begin{align*}" in printed
    assert "sizes for three-models" in printed


def test_catalogues(capfd):
    for command, words in (("methods", ("milp", "yes")), ("formulations", ("slot", "exact"))):
        assert run([command]) == 0
        printed = capfd.readouterr().out
        assert all(word in printed for word in words)


def test_library_lists_every_instance(capfd):
    assert run(["library"]) == 0
    printed = capfd.readouterr().out
    for name in library.names():
        assert f" {name} " in printed


def test_schema(capfd):
    assert run(["schema"]) == 0
    assert capfd.readouterr().out.split() == list(files.FORMATS)
    assert run(["schema", "partload/partial-loading"]) == 0
    assert json.loads(capfd.readouterr().out)["title"] == "partload/partial-loading"


def test_help_and_version(capfd):
    assert run(["--help"]) == 0
    assert "solve" in capfd.readouterr().out
    assert run([]) == 0
    assert "solve" in capfd.readouterr().out
    assert run(["--version"]) == 0
    assert capfd.readouterr().out == f"partload {partload.__version__}\n"


WRONG = {
    "unknown command": (["solv"], "solve"),
    "unknown option": (["solve", "three-models", "--time-limt", "3"], "--time-limit"),
    "missing argument": (["solve"], "partload solve --help"),
    "missing value": (["solve", "three-models", "--method"], "partload solve --help"),
    "misspelt command": (["solv"], "Did you mean 'solve'? See 'partload --help'"),
    "too many arguments": (["solve", "three-models", "more"], "more"),
    "unknown instance": (["solve", "three-model"], "did you mean 'three-models'"),
    "no such file": (["solve", "none.json"], "none.json: cannot be read"),
    "file without its ending": (["solve", "three-static"], "did you mean the file 'three-static.json'?"),
    "nothing at all": (["solve", ""], "expected a file or the name of an instance"),
    "folder": (["solve", "./"], "cannot be read"),
    "solution as instance": (["solve", "solution.json"], "expected an instance"),
    "unknown method": (["solve", "three-models", "--method", "magic"], "milp"),
    "unknown module": (["solve", "three-models", "--method", "no.such:thing"], "no.such"),
    "unknown formulation": (["solve", "three-models", "--formulation", "magic"], "slot"),
    "feature not covered": (["solve", "three-static.json", "--method", "milp"], "static"),
    "gap out of range": (["solve", "three-models", "--gap", "2"], "gap"),
    "gap below zero": (["solve", "three-models", "--gap", "-0.1"], "gap"),
    "no time": (["solve", "three-models", "--time-limit", "0"], "time limit"),
    "time is no number": (["solve", "three-models", "--time-limit", "nan"], "time limit"),
    "time is text": (["solve", "three-models", "--time-limit", "soon"], "--time-limit"),
    "seed below zero": (["solve", "three-models", "--seed", "-1"], "seed"),
    "unwritable": (["solve", "three-models", "-o", "nowhere/solution.json"], "nowhere/solution.json: cannot write"),
    "output is a folder": (["solve", "three-models", "-o", "."], "cannot write"),
    "instance as solution": (["check", "three-models", "three-static.json"], "expected a solution"),
    "unknown family": (["generate", "backbon", "-o", "made.json"], "backbone"),
    "family option out of range": (["generate", "backbone", "--models", "0", "-o", "made.json"], "--models"),
    "family options exclude": (["generate", "backbone", "--zipf-exponent", "1", "-o", "made.json"], "--zipf-exponent"),
    "family choice": (["generate", "backbone", "--uplink", "wired", "-o", "made.json"], "--uplink"),
    "too many requests": (
        ["generate", "backbone", "--requests", "1000000000000", "-o", "made.json"],
        "--requests: expected at most 10000000, got 1000000000000",
    ),
    "too many layers in all": (
        ["generate", "nested", "--models", "2", "--layers", "9000000", "-o", "made.json"],
        "--layers: expected at most 10000000 layers in all models, got 18000000",
    ),
    "too many choices": (["generate", "slide-synthetic", "--models", "20001", "-o", "made.json"], "at most 20000"),
    "no output": (["generate", "backbone"], "-o"),
    "unwritable instance": (["generate", "backbone", "-o", "nowhere/made.json"], "cannot write"),
    "export ending": (["export", "three-models", "--formulation", "slot", "-o", "model.txt"], ".lp"),
    "export nonlinear": (["export", "three-models", "--formulation", "joint", "-o", "model.lp"], "ending in .nl"),
    "unknown solver": (["solve", "three-models", "--solver", "cplex"], "one of highs, scip"),
    "solver not covered": (["solve", "three-models", "--method", "minlp", "--solver", "highs"], "solver 'highs'"),
    "export not covered": (["export", "three-static.json", "--formulation", "slot", "-o", "model.lp"], "static"),
    "explain not covered": (["explain", "slot", "three-static.json"], "static"),
    "explain unknown": (["explain", "magic"], "slot"),
    "picture ending": (["plot", "solution.json", "-o", "picture.pdf"], ".svg, .png or .html"),
    "kind of picture": (["plot", "solution.json", "-o", "p.svg", "--what", "pie"], "schedule or spectrum"),
    "picture of unknown ids": (
        ["plot", "unknown-ids.json", "-o", "p.svg"],
        "unknown-ids.json: slots[0].model: expected",
    ),
    "picture of another instance": (
        ["plot", "solution.json", "-o", "p.svg", "--instance", "visits-any"],
        "three-models",
    ),
    "picture of an instance": (["plot", "three-models", "-o", "p.svg"], "'partload solve three-models -o FILE' writes"),
    "price of a log alone": (["price", "log.csv"], "log.csv: a request log: expected --models BASE and --slo"),
    "schema": (["schema", "partload/none"], "partload/partial-loading"),
}


@pytest.mark.parametrize(("call", "word"), WRONG.values(), ids=WRONG)
def test_wrong_calls_end_in_one_line(call: list[str], word: str, solved: Path, capfd):
    partload.write(partload.read("three-models").replace(uplink="static"), "three-static.json")
    Path("unknown-ids.json").write_text(solved.read_text().replace('"model": "A"', '"model": "Z"'))
    before = set(Path().iterdir())
    assert run(call) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("partload: ")
    assert printed.err.count("\n") == 1
    assert word in printed.err
    assert set(Path().iterdir()) == before, "nothing is left behind"


def test_interrupted_before_there_is_anything_to_print(monkeypatch: pytest.MonkeyPatch, capfd):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    for name, call in (
        ("partload.solvers.solve", ["solve", "three-models"]),
        ("partload.instances.generators.generate", ["generate", "general", "-o", "made.json"]),
    ):
        monkeypatch.setattr(name, interrupted)
        assert run(call) == 130
        assert capfd.readouterr() == ("", "partload: interrupted\n")
        assert not list(Path().iterdir())


def test_unwritable_file_is_refused_before_solving(monkeypatch: pytest.MonkeyPatch, capfd):
    monkeypatch.setattr("partload.solvers.solve", lambda *_, **__: pytest.fail("solved"))
    assert run(["solve", "three-models", "-o", "nowhere/solution.json"]) == 2


@pytest.mark.parametrize("another_path", ["itself", "relative", "symbolic link", "hard link"])
@pytest.mark.parametrize(
    ("command", "name"),
    [("solve", "mine.json"), ("export", "mine.lp"), ("plot", "mine.svg"), ("plot --instance", "i.svg")],
)
def test_an_output_that_would_overwrite_an_input_is_refused(
    command: str, name: str, another_path: str, solved: Path, capfd
):
    source = Path(name)
    source.write_text(solved.read_text() if command == "plot" else files.render(partload.read("three-models")))
    output = Path(f"another{source.suffix}")
    if another_path == "itself":
        output = source
    elif another_path == "relative":
        output = Path.cwd().parent / Path.cwd().name / source
    elif another_path == "symbolic link":
        output.symlink_to(source)
    else:
        output.hardlink_to(source)
    before = source.read_text()
    call = {
        "solve": ["solve", name],
        "export": ["export", name, "--formulation", "slot"],
        "plot": ["plot", name],
        "plot --instance": ["plot", str(solved), "--instance", name],
    }[command]
    assert run([*call, "-o", str(output)]) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == f"partload: {output}: expected another file: the output would overwrite the input\n"
    assert source.read_text() == before


def test_an_instance_of_the_library_is_not_overwritten():
    file = library.path("three-models")
    before = file.read_bytes()
    assert run(["solve", "three-models", "-o", str(file)]) == 2
    assert file.read_bytes() == before


def test_a_results_log_does_not_overwrite_an_instance(capfd):
    partload.write(partload.read("three-models"), "mine.json")
    before = Path("mine.json").read_text()
    assert run(["gap", "mine.json", "--methods", "greedy-rate", "-o", "mine.json"]) == 2
    assert capfd.readouterr().err.count("\n") == 1
    assert Path("mine.json").read_text() == before


def test_existing_file_survives_a_wrong_call(capfd):
    Path("kept.json").write_text("kept")
    assert run(["solve", "three-models", "--method", "magic", "-o", "kept.json"]) == 2
    assert Path("kept.json").read_text() == "kept"
