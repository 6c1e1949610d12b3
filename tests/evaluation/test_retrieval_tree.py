"""The prefix tree, on the example of its own file and on random sentences."""

import numpy as np

from mrnn_np.data.vocabulary import END, START
from mrnn_np.evaluation.prefix_tree import prefix_tree

A, TWO, DOG, DOGS, RUNS, SITS = range(3, 9)


def spelled(tree, node):
    """The words of a node."""
    return (*spelled(tree, tree.parents[node]), int(tree.words[node])) if node else ()


def test_the_example():
    sentences = [[A, DOG, RUNS, END], [A, DOG, SITS, END], [TWO, DOGS, END], [A, DOG, RUNS, END]]
    tree = prefix_tree([np.array(sentence) for sentence in sentences])
    nodes = [spelled(tree, node) for node in range(len(tree.words))]
    expected = [(), (A,), (TWO,), (A, DOG), (TWO, DOGS), (A, DOG, RUNS), (A, DOG, SITS), (TWO, DOGS, END)]
    assert nodes == [*expected, (A, DOG, RUNS, END), (A, DOG, SITS, END)]
    assert tree.words[0] == START
    assert tree.starts == (0, 1, 3, 5, 8, 10)
    assert tree.ends.tolist() == [8, 9, 7, 8]
    assert tree.contexts.tolist() == [0, 1, 2, 3, 4, 5, 6]
    assert tree.context_of[1:].tolist() == [0, 0, 1, 2, 3, 3, 4, 5, 6]
    assert tree.first_children.tolist() == [1, 3, 4, 5, 7, 8, 9, 10]


def test_every_beginning_once():
    rng = np.random.default_rng(1)
    sentences = [np.append(rng.integers(2, 6, rng.integers(0, 7)), END) for _ in range(200)]
    tree = prefix_tree(sentences)
    nodes = [spelled(tree, node) for node in range(len(tree.words))]
    beginnings = {tuple(sentence[:k].tolist()) for sentence in sentences for k in range(len(sentence) + 1)}
    assert len(nodes) == len(set(nodes))
    assert set(nodes) == beginnings
    assert [nodes[end] for end in tree.ends] == [tuple(sentence.tolist()) for sentence in sentences]
    for c, (first, last) in enumerate(zip(tree.first_children, tree.first_children[1:], strict=False)):
        assert last > first
        assert set(tree.parents[first:last]) == {tree.contexts[c]}
        assert set(tree.context_of[first:last]) == {c}
    assert tree.first_children[0] == 1
    assert tree.first_children[-1] == len(nodes)
