"""What a person runs by hand on a built book or its data: `python tools/NAME.py --help`."""
