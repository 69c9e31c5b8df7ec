"""The machine as a server: loading from model files, batches, and plans that are really run."""
