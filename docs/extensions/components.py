"""The directive ``components``: which constraints of each formulation state each equation of a problem.

Its body has a line for each equation: its number, then the names of the components that state it, whatever the
formulation. ``valid`` stands for constraints that state nothing new. The table has a column for each formulation of the
problem, with links to the components that it has.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from docs.extensions.reference_pages.formulations import VALID, forms, stated
from docs.extensions.reference_pages.markdown import table
from partload.formulations import FORMULATIONS

if TYPE_CHECKING:
    from sphinx.application import Sphinx


class Components(SphinxDirective):
    """A table of equations and components."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """The table."""
        mine = [one for one in FORMULATIONS if one.problem == self.arguments[0]]
        has = {one.name: forms(one) for one in mine}
        pages = {name: f"generated/formulations/{name}.md" for name in has}
        rows = (
            (
                "valid inequalities" if equation == VALID else equation,
                *(", ".join(f"[`{one}`]({pages[name]}#{one})" for one in names if one in has[name]) for name in has),
            )
            for equation, names in stated(self.content).items()
        )
        return self.parse_text_to_nodes(table(("equation", *(f"[`{name}`]({pages[name]})" for name in has)), rows))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("components", Components)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
