"""Solution files of other solvers: the point that they hold, and the plan of the exported model that it describes."""
