"""Methods for SLIDE."""
