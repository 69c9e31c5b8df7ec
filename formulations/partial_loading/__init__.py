"""Formulations of PartialLoading."""
