"""Which tests a run is of."""

import pytest


def all_tests(config: pytest.Config) -> bool:
    """True where nothing was selected: every test of `make test` runs, so what none of them did, nothing does."""
    return config.args_source == pytest.Config.ArgsSource.TESTPATHS and not (
        config.option.keyword or config.option.lf or config.option.markexpr != "not e2e and not browser"
    )
