"""Sphinx's configuration of the site: ``make docs`` builds it into ``out/site``.

The pages are MyST Markdown, the lessons Python files in the percent format, executed when the site is built. Formulas
become MathML, which browsers render themselves: no page asks another host for anything.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path

import partload

sys.path[:0] = [str(Path(__file__).parent / "extensions"), str(Path(__file__).parents[1])]

# Kernels that execute the lessons say at each start that they talk over TCP: only errors are worth a line.
kernels = Path(tempfile.mkdtemp(prefix="partload-docs-"))
atexit.register(shutil.rmtree, kernels, ignore_errors=True)
Path(kernels, "profile_default").mkdir()
Path(kernels, "profile_default", "ipython_kernel_config.py").write_text("c.IPKernelApp.log_level = 40\n")
os.environ["IPYTHONDIR"] = str(kernels)
logging.getLogger("traitlets").setLevel(logging.WARNING)

project = "partload"
author = "the partload developers"
project_copyright = author
version = release = partload.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "mathml",
    "source_pages",
    "explore_pages",
    "notebook_copies",
    "reference_pages",
    "components",
]
exclude_patterns = ["conf.py", "extensions"]
source_suffix = {".md": "myst-nb", ".py": "myst-nb"}
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = "cache"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = False
suppress_warnings = ["myst.header", "misc.highlighting_failure"]

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_title = "partload"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
