"""What a grammar can say, written out: the oracle of its probabilities and lengths."""

from mrnn_np.scenes.grammar import Choice, Sequence, Words


def every_sentence(phrase):
    """Return every sentence of `phrase` with its probability.  For small phrases: the number grows as a product."""
    table = {}
    for words, p in walks(phrase):
        table[words] = table.get(words, 0.0) + p
    return table


def walks(phrase):
    """Yield what every walk through `phrase` says and its probability; several may say the same."""
    if isinstance(phrase, Words):
        yield phrase.words, 1.0
    elif isinstance(phrase, Choice):
        for option, chance in zip(phrase.options, phrase.probabilities, strict=True):
            yield from ((words, chance * p) for words, p in walks(option))
    elif not phrase.parts:
        yield (), 1.0
    else:
        rest = Sequence(phrase.parts[1:])
        for words, p in walks(phrase.parts[0]):
            yield from ((words + more, p * q) for more, q in walks(rest))
