"""Every metric is documented."""

from orderdesk import metrics


def test_every_metric_is_documented():
    assert all(f"`{name}`" in metrics.__doc__ or name.startswith("Outcome") for name in metrics.NAMES)
