"""One file per form in which people have captions; each turns files into a `Corpus`, matched with nothing yet.

Reading order: `corpus` (what a reader returns), `splits` (their names and lists of images), then any data set.
"""
