"""What does the house promise, and does it keep it?"""
