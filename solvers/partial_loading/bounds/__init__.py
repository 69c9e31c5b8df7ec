"""Upper bounds on the weight that any plan serves."""
