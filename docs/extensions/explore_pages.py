"""The pages of ``partload explore`` without a server, with schedules that are computed when the site is built."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from partload.explore import static

if TYPE_CHECKING:
    from sphinx.application import Sphinx

FOLDER = "explore"


def write_pages(app: Sphinx, exception: Exception | None) -> None:
    """Write the pages beside those of the site."""
    if exception is None and app.builder.format == "html":
        static.write(Path(app.outdir) / FOLDER)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the pages."""
    app.connect("build-finished", write_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
