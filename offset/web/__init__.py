"""Which doors do people use? One room an audience."""
