"""What does a flight emit and what does a soil hold? Pure arithmetic on dated, sourced data."""
