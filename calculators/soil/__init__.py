"""What may a soil gain, and what did it gain? Tier 1 projections and measured change."""
