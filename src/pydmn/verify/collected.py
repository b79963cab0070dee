"""Tables whose answer is every rule that matches, where a reader asks for less than that.

Which rules of such a table match is a question of its own for each rule, so that the sets of
them are as many as there are ways to combine the answers. Two things are known without them:
whether there is any, and which are hit whatever the unknown inputs are.
"""

from __future__ import annotations

from pydmn.feel import ast
from pydmn.feel.types import ANY
from pydmn.model.expressions import HitPolicy
from pydmn.plan.logic import Feel, Item, Step, Table

_EVERY = (HitPolicy.COLLECT, HitPolicy.RULE_ORDER)


def hits_all(table: Table) -> bool:
    """Say whether the rules hit are those that match, in their order (8.2.10)."""
    return table.hit_policy in _EVERY


def is_null_for_none(step: Step) -> bool:
    """Say whether a decision is null where no rule of its table matches, and only there."""
    table = step.logic
    return (
        isinstance(table, Table)
        and hits_all(table)
        and table.aggregation is None
        and all(column.default is None for column in table.outputs)
        and _asks_nothing(step.item)
        and _asks_nothing(table.item)
    )


def _asks_nothing(item: Item) -> bool:
    return item.type is ANY and not item.constrained


def is_only_compared_to_null(key: str, reader: Step) -> bool:
    """Say whether `reader` asks of the step `key` no more than whether it is null."""
    mine = [each for each in reader.requirements if each.key == key]
    if len(mine) != 1 or mine[0].package:
        return False
    found: list[ast.Node] = []
    match reader.logic:
        case Feel(node):
            found.append(node)
        case Table() as table:
            logics = [column.expression for column in table.inputs]
            logics += [output for rule in table.rules for output in rule.outputs]
            logics += [each.default for each in table.outputs if each.default is not None]
            for logic in logics:
                if not isinstance(logic, Feel):
                    return False
                found.append(logic.node)
            found += [each.allowed.tests for each in table.inputs if each.allowed is not None]
            found += [cell.tests for rule in table.rules for cell in rule.cells]
        case _:
            return False
    return all(_compares_to_null(node, mine[0].name) for node in dict.fromkeys(found))


def _compares_to_null(node: ast.Node, name: str) -> bool:
    """Say whether an expression has `name` beside `= null` and `!= null` alone."""
    waiting = [node]
    while waiting:
        match waiting.pop():
            case ast.Name(found) if found == name:
                return False
            case ast.Comparison("=" | "!=", ast.Name(), ast.NullLiteral()):
                pass
            case ast.Comparison("=" | "!=", ast.NullLiteral(), ast.Name()):
                pass
            case each:
                waiting.extend(ast.children(each))
    return True
