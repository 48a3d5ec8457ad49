"""The tree of errors in the module's docstring is the tree of the classes."""

import inspect
import re

from orderdesk import errors
from orderdesk.errors import FormCloses, FormStays, OrderdeskError


def drawn():
    """Each class of the drawing with the class above it."""
    above: list[str] = []
    for line in errors.__doc__.splitlines():
        if match := re.match(r"    ((?:[│ ]   )*(?:[├└]── )?)([A-Z]\w+)", line):
            above[len(match[1]) // 4 :] = [match[2]]
            yield match[2], above[-2] if len(above) > 1 else "Exception"


def test_drawn_tree_is_the_tree_of_classes():
    classes = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, OrderdeskError)]
    assert dict(drawn()) == {c.__name__: c.__bases__[0].__name__ for c in classes}


def test_every_error_says_whether_the_form_stays():
    kinds = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, OrderdeskError)]
    neither = {c.__name__ for c in kinds if not issubclass(c, FormStays | FormCloses)}
    assert neither == {"OrderdeskError", "AnswerLost"}
    assert all(c.status == 406 for c in kinds if issubclass(c, FormCloses))
    assert all(c.status != 406 for c in kinds if issubclass(c, FormStays))
