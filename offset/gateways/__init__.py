"""How does the house speak to processors, banks, mail and files?"""
