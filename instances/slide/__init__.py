"""SLIDE: models are downloaded to the users' devices, and their layers compute while the rest arrives."""
