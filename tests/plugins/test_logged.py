"""Private texts are found in the log."""

import pytest

from local.in_process import KEY, TOKEN
from tests.plugins.logged import private


@pytest.mark.parametrize(
    "line",
    [
        '{"message":"x","email":"martha.williams@example.com"}',
        '{"message":"no customer +15013299800"}',
        '{"customer":"Zoë Lefèvre"}',
        '{"headers":{"Authorization":"Bearer abc"}}',
        '{"Gladly-Authorization":"SigningAlgorithm=hmac-sha256, Signature=00"}',
        f'{{"key":"{KEY}"}}',
        f'{{"token":"{TOKEN}"}}',
        '{"token":"shpat_sandbox"}',
    ],
)
def test_private_text_is_found(line):
    assert private(line)
