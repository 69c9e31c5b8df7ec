"""What tests share: oracles, random instances, comparisons, processes."""
