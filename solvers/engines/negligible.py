"""Rows without their negligible terms: a relaxation of a model whose numbers an engine can compute with.

Loads of an instant beside deadlines of days give rows with coefficients of 1e-7 beside 1, hardly above an engine's
tolerance (1e-9). There HiGHS 1.16 was seen to prove 5 where 7 is served, and 0 where 1.3 is. A term that can never
count for more than ``NEGLIGIBLE`` is replaced by its extreme, in the direction that loosens its row. So every point of
the model stays, and a bound remains a bound.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from partload.solvers.engines.matrix import MatrixForm

NEGLIGIBLE = 1e-6
"""Most that a term may count for, in a row whose largest coefficient is 1 or more; of that coefficient in others. The
slack that the exact driver gives to limits is of this size (``partload.solvers.exact.task.SLACK``)."""


def without_negligible(form: MatrixForm) -> MatrixForm:
    """Replace each term that varies by at most ``NEGLIGIBLE`` by its extreme, in the direction that loosens its row.

        sum_j a_j x_j <= u   becomes   sum_{j kept} a_j x_j <= u - sum_{j negligible} min(a_j lower_j, a_j upper_j)

    and in the same way with the largest values at lower limits. Rows without terms are left.
    """
    rows, row = len(form.row_lower), form.row
    ends = form.value * form.lower[form.index], form.value * form.upper[form.index]
    least, most = np.minimum(*ends), np.maximum(*ends)
    largest = np.zeros(rows)
    np.maximum.at(largest, row, np.abs(form.value))
    negligible = most - least <= NEGLIGIBLE * np.minimum(largest, 1.0)[row]
    if not negligible.any():
        return form
    kept = ~negligible
    return dataclasses.replace(
        form,
        row_lower=form.row_lower - np.bincount(row[negligible], weights=most[negligible], minlength=rows),
        row_upper=form.row_upper - np.bincount(row[negligible], weights=least[negligible], minlength=rows),
        start=np.append(0, np.cumsum(np.bincount(row[kept], minlength=rows))).astype(np.int32),
        index=form.index[kept],
        value=form.value[kept],
    )
