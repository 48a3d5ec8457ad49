"""Metrics, as lines of the log that CloudWatch reads (embedded metric format)."""

from aws_lambda_powertools.metrics import MetricUnit, single_metric


def record(
    name: str, value: float = 1, *, store: str = "", action: str = "", unit: MetricUnit = MetricUnit.Count
) -> None:
    """One value of a metric."""
    with single_metric(name=name, unit=unit, value=value) as metric:
        metric.add_metadata("store", store)
        metric.add_metadata("action", action)
