"""Pictures of solutions. They need matplotlib, the extra ``plot``."""
