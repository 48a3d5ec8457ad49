"""What only runs on this machine. README.md says what each part is."""

import sys
from pathlib import Path

# Actions, signature, settings and the Shopify client come from the deployed functions.
_LAYER = str(Path(__file__).parents[1] / "layers/orderdesk")
if _LAYER not in sys.path:
    sys.path.append(_LAYER)
