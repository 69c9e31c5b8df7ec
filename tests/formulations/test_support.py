"""A formulation supports the features for which the tables that it builds from have an entry, and no others."""

from __future__ import annotations

import pytest

from partload.formulations import FORMULATIONS, by_name
from partload.formulations.partial_loading.cone import formulation as cone
from partload.formulations.partial_loading.joint import formulation as joint
from partload.formulations.partial_loading.slot import features, loads, uplinks, valid_inequalities
from partload.formulations.partial_loading.slot import formulation as slot
from partload.formulations.slide.recursion.features import FREQUENCIES

SHARED = {
    "residency": [features.RESIDENCIES, loads.LOADS, valid_inequalities.LOADED_BEFORE],
    "visits": [features.VISITS],
}
TABLES = {
    "slot": SHARED | {"uplink": [slot.UPLINKS]},
    "cone": SHARED | {"uplink": [features.UPLINKS, uplinks.UPLOAD_TIMES, cone.BANDS, cone.TANGENT_TIMES]},
    "joint": SHARED | {"uplink": [features.UPLINKS, uplinks.UPLOAD_TIMES, joint.BANDS]},
    "recursion": {"frequency": [FREQUENCIES]},
}


@pytest.mark.parametrize("name", TABLES)
def test_what_is_supported_is_what_the_tables_have(name):
    supports = by_name(FORMULATIONS, name).supports
    for axis, tables in TABLES[name].items():
        for table in tables:
            assert set(table) == set(supports[axis]), axis
