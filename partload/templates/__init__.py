"""What ``partload new`` writes: files with ``$name`` in place of the name, in a folder for each kind."""
