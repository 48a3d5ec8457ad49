"""Documents that don't match the schema, refused in Shopify's words for the most common errors."""

from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FieldsOnCorrectTypeRule,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    ValidationRule,
    get_named_type,
    specified_rules,
    validate,
)


class _FieldsExist(ValidationRule):
    """A field that the type does not have: `undefinedField`, with the path from the operation on."""

    def enter_field(self, node: FieldNode, _key: Any, _parent: Any, _path: Any, ancestors: list[Any]) -> None:
        kind = self.context.get_parent_type()
        if kind is None or self.context.get_field_def():
            return
        name = node.name.value
        at = [_shown(one) for one in ancestors if isinstance(one, OperationDefinitionNode | FieldNode)]
        extensions = {"code": "undefinedField", "typeName": get_named_type(kind).name, "fieldName": name}
        error = GraphQLError(f"Field '{name}' doesn't exist on type '{kind.name}'", node, extensions=extensions)
        error.path = [*at, node.alias.value if node.alias else name]
        self.report_error(error)


def _shown(node: Any) -> str:
    if isinstance(node, OperationDefinitionNode):
        return " ".join(filter(None, (node.operation.value, node.name.value if node.name else "")))
    return str(node.alias.value if node.alias else node.name.value)


RULES = [_FieldsExist if rule is FieldsOnCorrectTypeRule else rule for rule in specified_rules]


def errors(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """The errors of a document; none if it fits."""
    return validate(schema, document, RULES)
