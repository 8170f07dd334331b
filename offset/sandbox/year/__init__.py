"""What would a year of gifts look like, with every mistake people make, and was it booked right?"""
