"""The MINLP method: bandwidth and time as variables, nothing substituted, solved globally.

It is slower than the other methods and needs an extra. It rests on none of the facts that the others use.
"""

from __future__ import annotations

from partload.solvers.exact.driver import ExactMethod

METHOD = ExactMethod(formulations=("joint",), engines=("scip",))
run = METHOD.run
