"""Online policies: what a server without a plan does, to measure against (docs/how-to/logs.md)."""
