"""What does a donor see of a gift?"""
