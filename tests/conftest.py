"""The pytest plugins of our own; each says what it does.

`asserted` comes first: it must see the modules that check on behalf of tests before they are imported.
"""

from hypothesis import HealthCheck, settings

# A slow machine is no fault of a property's.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

pytest_plugins = [
    "tests.plugins.asserted",
    "tests.plugins.aws_models",
    "tests.plugins.deployed",
    "tests.plugins.logged",
    "tests.plugins.permissions",
    "tests.plugins.published",
    "tests.plugins.messages",
]
