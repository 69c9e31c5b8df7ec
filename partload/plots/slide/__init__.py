"""Pictures of SLIDE."""
