"""Other ways to solve an exported model: HiGHS and SCIP read the file by themselves and write their solution."""

from __future__ import annotations

from pathlib import Path

import highspy
import pyscipopt

STYLES = {"highs-raw": 0, "highs-pretty": 1, "highs-sparse": 4}


def solve_with_highs(model: Path, solution: Path, style: int) -> float:
    """Solve a model file as the command line of HiGHS does, and write the solution; the objective."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    assert solver.readModel(str(model)) != highspy.HighsStatus.kError  # It warns of bounds like 1e21.
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    solver.writeSolution(str(solution), style)
    return float(solver.getInfo().objective_function_value)


def solve_with_scip(model: Path, solution: Path) -> float:
    """The same with SCIP."""
    solver = pyscipopt.Model()
    solver.hideOutput()
    solver.readProblem(str(model))
    solver.optimize()
    assert solver.getStatus() == "optimal"
    solver.writeBestSol(str(solution))
    return float(solver.getObjVal())


def solved(model: Path, solution: Path, way: str) -> float:
    """Solve a model file in one of the ways of ``WAYS``."""
    return solve_with_scip(model, solution) if way == "scip" else solve_with_highs(model, solution, STYLES[way])


WAYS = (*STYLES, "scip")
