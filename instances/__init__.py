"""The core data model: what an instance and a plan are, the file formats, the clock, the checker, generators, the
library.
"""
