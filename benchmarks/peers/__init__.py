"""Other solvers on the same instances: what they prove, in what time, and whether they agree with ``sequence``."""
