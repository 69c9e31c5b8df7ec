"""The MINLP method: bandwidths, speeds and times as variables, nothing substituted, solved globally.

It is slower than the other methods and needs an extra. It checks them, since it assumes none of the facts they use.
"""

from __future__ import annotations

from partload.solvers.exact.driver import ExactMethod

METHOD = ExactMethod(formulations=("recursion",), engines=("scip",))
run = METHOD.run
