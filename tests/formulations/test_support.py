"""A formulation supports the features for which the tables that it builds from have an entry, and no others."""

from __future__ import annotations

import pytest

from partload.formulations import FORMULATIONS, by_name
from partload.formulations.partial_loading.slot import features, loads, uplinks, valid_inequalities
from partload.formulations.slide.recursion.features import FREQUENCIES

SHARED = {
    "residency": [features.RESIDENCIES, loads.LOADS, valid_inequalities.LOADED_BEFORE],
    "visits": [features.VISITS],
}
TABLES = {
    "slot": SHARED | {"uplink": [uplinks.UPLOAD_SUMS]},
    "cone": SHARED | {"uplink": [features.UPLINKS, uplinks.UPLOAD_TIMES]},
    "joint": SHARED | {"uplink": [features.UPLINKS, uplinks.UPLOAD_TIMES]},
    "recursion": {"frequency": [FREQUENCIES]},
}


@pytest.mark.parametrize("name", TABLES)
def test_what_is_supported_is_what_the_tables_have(name):
    supports = by_name(FORMULATIONS, name).supports
    for axis, tables in TABLES[name].items():
        for table in tables:
            assert set(table) == set(supports[axis]), axis
