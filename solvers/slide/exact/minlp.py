"""The MINLP method: bandwidths, speeds and times as variables, nothing substituted, solved globally.

It is slower than the others and needs an extra; it is there because it assumes nothing that they prove.
"""

from __future__ import annotations

from partload.solvers.exact import ExactMethod
from partload.solvers.slide.exact.hooks import GROUND

METHOD = ExactMethod(GROUND, formulations=("recursion",), engines=("scip",))
run = METHOD.run
