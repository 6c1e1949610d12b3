"""How good is a model?

Reading order: `perplexity`; `sentences` (n-grams, references), `bleu`, `rouge`, `cider`, `ngram_f1`, `caption_scores`
(all of them at once) and `claims` (is it true?); `retrieval` (which image is a sentence of?), whose scores come from
`pair_scores` or `step_scores` by way of a `prefix_tree` and are kept by `kept_scores`; then `table` and `coco_files`.
"""
