"""The MINLP method: bandwidths, speeds and times as variables, nothing substituted, solved globally.

It is slower than the others and needs an extra; it is there because it assumes nothing that they prove.
"""

from __future__ import annotations

from partload.solvers.exact import ExactMethod

METHOD = ExactMethod(formulations=("recursion",), engines=("scip",))
run = METHOD.run
