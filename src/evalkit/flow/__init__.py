"""Whom patients waited for when they were ready to leave hospital: recorded reasons by class, as ranges; stands alone."""
