"""Captions explained: how many bits the picture adds to each word, and which places of it they come from."""
