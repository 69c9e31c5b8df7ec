"""Formulations of the user's own: any function from an instance to a built model."""
