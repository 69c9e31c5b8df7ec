"""PartialLoading as a plugin: the record that names its parts."""

from __future__ import annotations

from collections.abc import Mapping

from partload.instances.partial_loading import checker, features, measured, metrics, solution
from partload.instances.partial_loading.clock import Times
from partload.instances.partial_loading.generators import FAMILIES
from partload.instances.partial_loading.instance import Instance
from partload.instances.partial_loading.plan import Plan, Slot
from partload.instances.partial_loading.variations import PARAMETERS
from partload.instances.problem import Problem


def _record_plan(instance: Instance, plan: Plan, times: Times) -> Mapping[str, object]:
    return {
        "slots": solution.records(instance, plan, times),
        "metrics": metrics.metrics(instance, plan, times),
    }


PROBLEM = Problem[Instance, Slot, solution.Solution, Times](
    name="partial-loading",
    package="partial_loading",
    instance=Instance,
    solution=solution.Solution,
    decision=Slot,
    check=checker.check,
    check_plan=checker.check_plan,
    check_measured=measured.check,
    objective=checker.objective,
    record_plan=_record_plan,
    demand_name="requests",
    served=lambda slot: len(slot.requests),
    features=features.features,
    known_features=features.KNOWN,
    parameters=PARAMETERS,
    example="three-models",
    families=FAMILIES,
)
