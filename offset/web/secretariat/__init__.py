"""What does the secretariat do?"""
