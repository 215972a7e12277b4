"""Rank among what might have been: assignments, and the interval that their ranks leave."""
