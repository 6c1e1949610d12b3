"""Writing sentences about an image: the best next word each time (greedy), a random one (sampling), or the best whole
sentence among many begun side by side (beam search).
"""
