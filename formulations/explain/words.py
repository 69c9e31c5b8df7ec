"""A variable of a model in words: its doc with the values of its indices in place of their letters."""

from __future__ import annotations

import re

from pyomo.core.base.component import ComponentData

from partload.formulations.explain.printer import Printer


def in_words(variable: ComponentData, symbols: dict[str, str]) -> str:
    """What a variable of a model means: "slot 2 runs model A" for ``run[2,A]``.

    ``symbols`` are those of the formulation. They name the letters of the indices, which its docs use.
    """
    family = variable.parent_component()
    text = (family.doc or family.local_name).partition(" [")[0]
    if not family.is_indexed():
        return text
    letters = Printer(symbols, {}).range_of(family)[0].split(",")
    index = variable.index() if isinstance(variable.index(), tuple) else (variable.index(),)
    value = dict(zip(letters, map(str, index)))
    return re.sub(rf"\b({'|'.join(map(re.escape, value))})\b", lambda letter: value[letter[1]], text)
