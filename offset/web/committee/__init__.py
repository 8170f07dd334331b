"""What does a member of the committee do?"""
