"""python -m mrnn_np: what the package is and which commands it has."""

import mrnn_np

print(mrnn_np.__doc__)
