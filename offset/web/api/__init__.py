"""What do programs ask?"""
