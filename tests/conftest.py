"""Which plugins of our own pytest runs with; each says what it does.

`asserted` comes first: it has to see the modules that check on behalf of tests before anybody imports them.
"""

pytest_plugins = [
    "tests.plugins.asserted",
    "tests.plugins.aws_models",
    "tests.plugins.deployed",
    "tests.plugins.logged",
    "tests.plugins.permissions",
]
