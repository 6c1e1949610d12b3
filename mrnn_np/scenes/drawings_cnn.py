"""The CNN that looks at people's own drawings, in any hand: it scores the attributes of the scene CNN.

The scene CNN has seen one painter's pictures only, and knows them almost without a mistake.  This one is trained on
hundreds of hands (`mrnn_np.scenes.styles`) and is a little less sure of that painter's.
"""

from mrnn_np.scenes.cnn import scene_cnn
from mrnn_np.vision.network import Conv, Dense, Network, Residual


def drawings_cnn(attributes: int) -> Network:
    """Return the network: that of `scene_cnn` with more layers and units near its end.

    What is seen there is small already, 6 x 6, and costs little time.
    """
    *to_map, pool, flatten, _, last = scene_cnn(attributes)
    deeper = Residual(
        (Conv("conv7", 128, kernel=3, padding=1), Conv("conv8", 128, kernel=3, padding=1, activation="none"))
    )
    return (*to_map, deeper, pool, flatten, Dense("hidden", 512), last)
