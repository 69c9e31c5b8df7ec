"""SLIDE as a plugin: the record that names its parts."""

from __future__ import annotations

from collections.abc import Mapping

from partload.instances.problem import Problem
from partload.instances.slide import checker, features, measured, metrics, solution
from partload.instances.slide.clock import Times
from partload.instances.slide.generators import FAMILIES
from partload.instances.slide.instance import Instance
from partload.instances.slide.plan import Plan, Served
from partload.instances.slide.variations import PARAMETERS


def _record_plan(instance: Instance, plan: Plan, times: Times) -> Mapping[str, object]:
    return {
        "users": solution.records(instance, plan, times),
        "metrics": metrics.metrics(instance, plan, times),
    }


PROBLEM = Problem[Instance, Served, solution.Solution, Times](
    name="slide",
    package="slide",
    instance=Instance,
    solution=solution.Solution,
    decision=Served,
    check=checker.check,
    check_plan=checker.check_plan,
    check_measured=measured.check,
    objective=checker.objective,
    record_plan=_record_plan,
    demand_name="users",
    served=lambda _: 1,
    features=features.features,
    known_features=features.KNOWN,
    parameters=PARAMETERS,
    example="slide-overlap",
    families=FAMILIES,
)
