"""What does a steward of a project do?"""
