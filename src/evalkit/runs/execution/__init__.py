"""One notebook after another, here or on other machines."""
