"""What runs only here: README.md says what each part is."""

import sys
from pathlib import Path

# What an action is, signature, settings and the Shopify client are the deployed functions' own.
_LAYER = str(Path(__file__).parents[1] / "layers/orderdesk")
if _LAYER not in sys.path:
    sys.path.append(_LAYER)
