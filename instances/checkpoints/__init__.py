"""Model files on disk: which tensors they hold, where, and which tensors are equal.

Nothing of a file is executed, and nothing of it is believed: every length and offset is compared with the file.
"""
