"""A plugin for mypy: `node.get("misspelt")` is an error, like `node["misspelt"]`.

mypy accepts any key in `.get`, since a subclass may have it, and returns `object`. The nodes of Shopify's answers have
only the fields that their document selects (`local/nodes.py`). They are the TypedDicts whose fields are all read-only.
"""

from collections.abc import Callable

from mypy.plugin import MethodContext, Plugin
from mypy.plugins.common import try_getting_str_literals
from mypy.plugins.default import typed_dict_get_callback
from mypy.types import Type, TypedDictType


class UnknownFields(Plugin):
    """Checks each `.get` before mypy's own plugin."""

    def get_method_hook(self, fullname: str) -> Callable[[MethodContext], Type] | None:
        """The check of `TypedDict.get`, which mypy calls `Mapping.get`."""
        return _get if fullname == "typing.Mapping.get" else None


def _get(ctx: MethodContext) -> Type:
    if isinstance(ctx.type, TypedDictType) and ctx.type.readonly_keys == ctx.type.items.keys():
        for key in try_getting_str_literals(ctx.args[0][0], ctx.arg_types[0][0]) or []:
            if key not in ctx.type.items:
                ctx.api.msg.typeddict_key_not_found(ctx.type, key, ctx.context)
    return typed_dict_get_callback(ctx)


def plugin(version: str) -> type[Plugin]:
    """The entry point of the plugin."""
    return UnknownFields
