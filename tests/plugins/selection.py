"""Which tests a run includes."""

import pytest


def all_tests(config: pytest.Config) -> bool:
    """True if nothing was selected: every test of `make test` runs, so what no test did is not needed."""
    return config.args_source == pytest.Config.ArgsSource.TESTPATHS and not (
        config.option.keyword or config.option.lf or config.option.markexpr != "not e2e and not browser"
    )
