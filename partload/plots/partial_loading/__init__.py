"""Pictures of PartialLoading."""
