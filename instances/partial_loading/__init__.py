"""PartialLoading: the edge server loads models into GPU memory block by block, and models share blocks."""
