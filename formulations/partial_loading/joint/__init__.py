"""The joint formulation: schedule and bandwidth together, a MINLP."""
