"""What only runs on this machine. README.md says what each part is."""

import sys
from pathlib import Path

# Actions, signature, settings and the Shopify client come from the deployed functions.
for _folder in ("layers/orderdesk", "functions"):
    _path = str(Path(__file__).parents[1] / _folder)
    if _path not in sys.path:
        sys.path.append(_path)
