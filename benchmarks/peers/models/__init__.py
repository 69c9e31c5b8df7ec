"""One file for each peer: a model and its search, ``solve(task) -> Answer``.

The files of peers that run in environments of their own import nothing of partload while they run.
"""
