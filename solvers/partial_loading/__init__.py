"""Methods for PartialLoading."""
