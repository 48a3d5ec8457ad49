"""A plugin of mypy: `node.get("misspelt")` is an error, as `node["misspelt"]` is.

mypy takes the key of `.get` for one that a class below may add, and gives `object`. The nodes of Shopify's answers have
the fields that their document selects, and no other (`local/nodes.py`). Of all TypedDicts they are those that can only
be read.
"""

from collections.abc import Callable

from mypy.plugin import MethodContext, Plugin
from mypy.plugins.common import try_getting_str_literals
from mypy.plugins.default import typed_dict_get_callback
from mypy.types import Type, TypedDictType


class UnknownFields(Plugin):
    """Looks at each `.get` before mypy's own plugin does."""

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """The check of a `Mapping.get`, which `TypedDict.get` is to mypy."""
        return _get if fullname == "typing.Mapping.get" else None


def _get(ctx: MethodContext) -> Type:
    if isinstance(ctx.type, TypedDictType) and ctx.type.readonly_keys == ctx.type.items.keys():
        for key in try_getting_str_literals(ctx.args[0][0], ctx.arg_types[0][0]) or []:
            if key not in ctx.type.items:
                ctx.api.msg.typeddict_key_not_found(ctx.type, key, ctx.context)
    return typed_dict_get_callback(ctx)


def plugin(version: str) -> type[Plugin]:
    """What mypy calls."""
    return UnknownFields
