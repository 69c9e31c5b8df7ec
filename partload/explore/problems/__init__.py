"""What the page shows of each problem: a module of the name of the problem's package, with ``EXPLORATION``."""
