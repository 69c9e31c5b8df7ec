"""Engines: the solvers to which methods hand their models."""
