"""The method ``set-union``: branch and bound over the blocks that are not loaded."""
