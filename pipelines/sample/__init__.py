"""The generated sample: feeds as messy as real ones, of any size, and apart from them the truth."""
