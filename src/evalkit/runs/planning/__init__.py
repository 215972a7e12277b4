"""What is there to run, and what does each result depend on?"""
