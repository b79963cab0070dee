"""DMN files written by tests, from their parts."""

from __future__ import annotations

from xml.sax.saxutils import escape

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def model(*elements: str, name: str = "m", namespace: str = "urn:m", attributes: str = "") -> bytes:
    """Return a DMN file that holds `elements`."""
    inside = "\n".join(elements)
    return (
        f'<definitions xmlns="{NAMESPACE}" name="{name}" namespace="{namespace}" {attributes}>'
        f"\n{inside}\n</definitions>"
    ).encode()


def typed(type_ref: str | None) -> str:
    """Return the attribute that declares a type."""
    return f'typeRef="{type_ref}"' if type_ref else ""


def input_data(name: str, type_ref: str | None = None) -> str:
    """Return an input; its id is its name with `_` for blanks."""
    id_ = name.replace(" ", "_")
    return (
        f'<inputData id="{id_}" name="{name}">'
        f'<variable name="{name}" {typed(type_ref)}/></inputData>'
    )


def literal(text: str, type_ref: str | None = None) -> str:
    """Return a literal expression."""
    return f"<literalExpression {typed(type_ref)}><text>{escape(text)}</text></literalExpression>"


def decision(
    name: str,
    logic: str,
    *,
    type_ref: str | None = None,
    inputs: tuple[str, ...] = (),
    decisions: tuple[str, ...] = (),
    knowledge: tuple[str, ...] = (),
) -> str:
    """Return a decision; the ids that it requires are those of `input_data` and itself."""
    required = (
        "".join(
            f'<informationRequirement><requiredInput href="#{each}"/></informationRequirement>'
            for each in inputs
        )
        + "".join(
            f'<informationRequirement><requiredDecision href="#{each}"/></informationRequirement>'
            for each in decisions
        )
        + "".join(
            f'<knowledgeRequirement><requiredKnowledge href="#{each}"/></knowledgeRequirement>'
            for each in knowledge
        )
    )
    id_ = name.replace(" ", "_")
    return (
        f'<decision id="{id_}" name="{name}"><variable name="{name}" {typed(type_ref)}/>'
        f"{required}{logic}</decision>"
    )


def knowledge(name: str, parameters: tuple[tuple[str, str | None], ...], body: str) -> str:
    """Return a business knowledge model with a body of its own."""
    formal = "".join(
        f'<formalParameter name="{each}" {typed(type_)}/>' for each, type_ in parameters
    )
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{body}</encapsulatedLogic></businessKnowledgeModel>"
    )


def table(
    policy: str,
    inputs: tuple[tuple[str, str | None], ...],
    outputs: tuple[str, ...],
    rules: tuple[tuple[str, ...], ...],
) -> str:
    """Return a decision table.

    `policy` is as in `UNIQUE` or `COLLECT SUM`; `inputs` are expressions with their types,
    `outputs` whole elements (see `output`), `rules` the texts of their entries in order.
    """
    hit_policy, _, aggregation = policy.partition("+")
    operator = f'aggregation="{aggregation}"' if aggregation else ""
    columns = "".join(
        f"<input><inputExpression {typed(type_)}><text>{escape(text)}</text>"
        "</inputExpression></input>"
        for text, type_ in inputs
    )
    rows = "".join(
        f'<rule id="r{number}">'
        + "".join(
            f"<{kind}><text>{escape(entry)}</text></{kind}>"
            for position, entry in enumerate(rule)
            for kind in ["inputEntry" if position < len(inputs) else "outputEntry"]
        )
        + "</rule>"
        for number, rule in enumerate(rules, 1)
    )
    return (
        f'<decisionTable hitPolicy="{hit_policy}" {operator}>'
        f"{columns}{''.join(outputs)}{rows}</decisionTable>"
    )


def output(name: str = "", type_ref: str | None = None, values: str = "", default: str = "") -> str:
    """Return an output column, with its list of values and its default."""
    listed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    missing = (
        f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>"
        if default
        else ""
    )
    named = f'name="{name}"' if name else ""
    return f"<output {named} {typed(type_ref)}>{listed}{missing}</output>"
