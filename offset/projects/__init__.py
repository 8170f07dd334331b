"""Which projects are there, what did the scientists say, and what came of it?"""
