"""The CNN that looks at people's own drawings, in any hand: it scores the attributes of the scene CNN.

The scene CNN has seen one painter's pictures only, and knows them almost without a mistake.  This one is trained on
hundreds of hands (`mrnn_np.scenes.styles`) and is a little less sure of that painter's.  Since the features of both are
the probabilities of the same attributes, a captioner that learnt from the ones can read the others: so the data set's
features are the scene CNN's, and a picture that somebody brings is looked at by this one.
"""

from functools import partial
from pathlib import Path

from mrnn_np.scenes.attributes import ATTRIBUTES
from mrnn_np.scenes.cnn import PREPROCESSING, probabilities, scene_cnn, weights_for_features
from mrnn_np.vision.cnn import Design
from mrnn_np.vision.network import Conv, Dense, Dropout, Network, Residual

DRAWINGS_WEIGHTS = Path(__file__).with_name("drawings_cnn.npz")


def drawings_cnn(attributes: int) -> Network:
    """Return the network: that of `scene_cnn` with more layers and units near its end.

    What is seen there is small already, 6 x 6, and costs little time.  In training some of it is dropped, so that what
    is seen is told from many signs: any one of them may be missing in another hand.
    """
    *to_map, pool, flatten, _, last = scene_cnn(attributes)
    deeper = Residual(
        (Conv("conv7", 128, kernel=3, padding=1), Conv("conv8", 128, kernel=3, padding=1, activation="none"))
    )
    return (*to_map, deeper, pool, flatten, Dropout("pooled", 0.2), Dense("hidden", 512), Dropout("units", 0.3), last)


DESIGN = Design(
    probabilities(drawings_cnn(len(ATTRIBUTES))),
    "probabilities",
    PREPROCESSING,
    shipped=DRAWINGS_WEIGHTS,
    read=partial(weights_for_features, network=drawings_cnn),
    stands_in_for="scene",
    unlike=Path(__file__).with_name("drawings_unlike.npz"),
)
"""What `--cnn drawings` stands for."""
