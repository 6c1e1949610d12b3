"""One file per form in which people have captions; each turns files into a `Corpus`, matched with nothing yet.

Reading order: `corpus` (what a reader returns), `split_lists` (lists of images in files), then any of the data sets.
"""
