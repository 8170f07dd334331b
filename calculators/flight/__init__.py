"""What does a flight emit? Airports, distances, fuel, seats and the published methods."""
