"""What leaves the house as a book or a file?"""
