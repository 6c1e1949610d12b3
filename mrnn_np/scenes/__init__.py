"""A data set with nothing to download: drawn scenes, captioned as people would, about which everything is known.

Begin with `world`, which says what a scene is, and `dataset`, which invents 5,000 of them with five captions each; then
read what you came for:

* what happens in a scene: `storylines` draws the plot, as often as `frequencies` says;
* what is said of it: `english`, the captions' grammar, with `nouns` for its noun phrases and `lexicon` for its words;
  `grammar` draws sentences from such a grammar and gives each its exact probability, hence the floor of the perplexity;
* what it looks like: `render`, from a scene to its picture; `stage` says who stands where, `backdrop` draws the place,
  and `figures` everybody in it, with a `pen`, as `people`, `animals`, `vehicles` and `landmarks` say;
* what a CNN makes of the picture: `attributes` lists what it learns to tell, `cnn` is the network and its loss,
  `train_cnn` the command that trained it; its weights are scene_cnn.npz;
* whether a caption is true: `truth`, the judge; `reading` finds what a caption states, phrase by phrase, and `meanings`
  what the phrases mean.

`built_in` shows all this to the rest of the package as one `DataSet`; nothing else of it is known there.
"""
