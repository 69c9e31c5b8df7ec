"""Request logs: who asked when and for what, read line by line, and made into the requests of an instance."""
