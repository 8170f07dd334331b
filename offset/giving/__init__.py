"""How does a gift come in, settle and reach projects? Estimates, donations, allocations."""
