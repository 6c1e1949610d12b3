"""One file per form in which people have image features; each turns a file into `Contents`, not yet looked at.

Reading order: `contents` (what a reader returns), `by_kind` (which reader for which file), `apart` (why some
read in a process of their own), then any of the formats.
"""
