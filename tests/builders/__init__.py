"""How is each noun built for a test? One file a room, plain functions."""
