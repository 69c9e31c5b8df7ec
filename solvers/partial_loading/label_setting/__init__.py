"""Label setting over prefixes of plans, with completion bounds from a relaxation that may visit models again."""
