"""The set-union formulation of PartialLoading: which blocks are loaded, each once."""
