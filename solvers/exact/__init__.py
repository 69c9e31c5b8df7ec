"""Exact methods: a formulation, an engine, and a search whose plans the checker judges."""
