"""Models that are sound XML and hostile all the same: cycles, doubling types, huge tables."""

from __future__ import annotations

from typing import Any

from dmn_text import NAMESPACE, decision, input_data, literal, model, output
from dmn_text import table as dmn_table
from hostile.case import MODEL, VALUE, Family, limit

import pydmn
from pydmn.limits import Limits

imports = Family("cyclic imports")
requirements = Family("cyclic requirements")
types = Family("item definitions")
graphs = Family("large graphs")
tables = Family("decision tables")
names = Family("names")

FAMILIES = (imports, requirements, types, graphs, tables, names)


def knowledge(name: str, text: str, *, requires: tuple[str, ...] = ()) -> str:
    """Return a business knowledge model of one parameter, `x`."""
    required = "".join(
        f'<knowledgeRequirement><requiredKnowledge href="#{each}"/></knowledgeRequirement>'
        for each in requires
    )
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><encapsulatedLogic>'
        f'<formalParameter name="x"/>{literal(text)}</encapsulatedLogic>{required}'
        f"</businessKnowledgeModel>"
    )


def item(name: str, inside: str, attributes: str = "") -> str:
    return f'<itemDefinition name="{name}" {attributes}>{inside}</itemDefinition>'


def component(name: str, type_ref: str) -> str:
    return f'<itemComponent name="{name}"><typeRef>{type_ref}</typeRef></itemComponent>'


# --- imports --------------------------------------------------------------------------


def importing(number: int, others: list[int], *elements: str) -> bytes:
    lines = [
        f'<import name="m{each}" namespace="urn:m{each}" importType="{NAMESPACE}"/>'
        for each in others
    ]
    return model(*lines, *elements, namespace=f"urn:m{number}")


imports.model("of itself", VALUE, importing(0, [0], decision("d", literal("1"))), "d")
for count in (2, 3, 50, 300):
    files = [importing(n, [(n + 1) % count], decision(f"d{n}", literal("1"))) for n in range(count)]
    imports.model(f"a ring of {count}", VALUE, files, "d0")
imports.model("each of 60 imports all", VALUE, [importing(n, [*range(60)]) for n in range(60)])
imports.model("a chain of 300", VALUE, [
    importing(n, [n + 1] if n < 299 else [], decision("d", literal("1"))) for n in range(300)
], "d")  # fmt: skip
imports.model("of nothing there", VALUE, importing(0, [*range(1, 2_000)]))
imports.model("one namespace twice", VALUE, [importing(0, []), importing(0, [])])
imports.model("1,000 times the same", VALUE, importing(0, [0] * 1_000))
imports.model("of a path", VALUE, model(
    '<import name="a" namespace="file:///etc/passwd" locationURI="../../../etc/passwd"'
    ' importType="urn:x"/>'
))  # fmt: skip

# --- requirements ---------------------------------------------------------------------

requirements.model("of itself", MODEL, model(decision("a", literal("1"), decisions=("a",))), "a")
for count in (2, 3, 100, 900):
    ring = [
        decision(f"d{n}", literal("1"), decisions=(f"d{(n + 1) % count}",)) for n in range(count)
    ]
    requirements.model(f"a ring of {count} decisions", MODEL, model(*ring), "d0")
for count in (2, 3, 100):
    ring = [
        knowledge(f"f{n}", f"f{(n + 1) % count}(x)", requires=(f"f{(n + 1) % count}",))
        for n in range(count)
    ]
    requirements.model(
        f"a ring of {count} knowledge models",
        MODEL,
        model(*ring, decision("d", literal("f0(1)"), knowledge=("f0",))),
        "d",
    )
requirements.model("a service of what calls it", MODEL, model(
    '<decisionService id="s" name="s"><outputDecision href="#d"/></decisionService>',
    decision("d", literal("s()"), knowledge=("s",)),
), "d")  # fmt: skip
requirements.model("of nothing there", VALUE, model(
    decision("d", literal("1"), decisions=tuple(f"x{n}" for n in range(1_000)))
), "d")  # fmt: skip
requirements.model("all of all", MODEL, model(*(
    decision(f"d{n}", literal("1"), decisions=tuple(f"d{m}" for m in range(50)))
    for n in range(50)
)), "d0")  # fmt: skip

# --- item definitions -----------------------------------------------------------------

ASKED = decision("d", literal("null"), type_ref="T0")
for count in (1, 2, 3, 500):
    ring = [item(f"T{n}", f"<typeRef>T{(n + 1) % count}</typeRef>") for n in range(count)]
    ends = VALUE if count < 500 else limit("call_depth")
    types.model(f"a ring of {count} names", ends, model(*ring, ASKED), "d")
    ring = [item(f"T{n}", component("a", f"T{(n + 1) % count}")) for n in range(count)]
    types.model(f"a ring of {count} components", ends, model(*ring, ASKED), "d")
types.model("a list of itself", VALUE, model(
    item("T0", "<typeRef>T0</typeRef>", 'isCollection="true"'), ASKED), "d")  # fmt: skip
for levels, ends in ((10, VALUE), (20, limit("model_steps")), (300, limit("call_depth"))):
    doubling = [
        item(f"T{n}", component("a", f"T{n + 1}") + component("b", f"T{n + 1}"))
        for n in range(levels)
    ]
    doubling.append(item(f"T{levels}", "<typeRef>number</typeRef>"))
    types.model(f"doubling {levels} times", ends, model(*doubling, ASKED), "d")
types.model("doubling within a text", limit("model_steps"), model(*(
    item(f"T{n}", f"<typeRef>context&lt;a: T{n + 1}, b: T{n + 1}&gt;</typeRef>")
    for n in range(40)
), ASKED), "d")  # fmt: skip
types.model("2,000 names in a chain", limit("call_depth"), model(
    *(item(f"T{n}", f"<typeRef>T{n + 1}</typeRef>") for n in range(2_000)), ASKED
), "d")  # fmt: skip
types.model("3,000 written out", limit("model_steps"), model(
    *(item(f"T{n}", "<typeRef>list&lt;number&gt;</typeRef>") for n in range(3_000))
))  # fmt: skip
types.model("3,000 unknown", limit("model_steps"), model(
    *(item(f"T{n}", f"<typeRef>number of {n}</typeRef>") for n in range(3_000))
))  # fmt: skip
types.model("3,000 alike", VALUE, model(
    *(item("T", "<typeRef>number</typeRef>") for _ in range(3_000))
))  # fmt: skip
types.model("a text too deep", limit("expression_depth"), model(
    item("T0", f"<typeRef>{'list&lt;' * 500}number{'&gt;' * 500}</typeRef>"), ASKED
))  # fmt: skip
types.model("allowed values that loop", limit("steps"), model(
    item("T0", "<typeRef>number</typeRef><allowedValues><text>"
         "every i in 1..1000000000 satisfies ? &gt; 0</text></allowedValues>"),
    decision("d", literal("1"), type_ref="T0"),
), "d")  # fmt: skip
types.model("a shared value in a doubling type", VALUE, model(
    *(item(f"T{n}", component("a", f"T{n + 1}") + component("b", f"T{n + 1}")) for n in range(10)),
    item("T10", "<typeRef>number</typeRef>"),
    decision("d", literal("{" + "v10: 1, " + ", ".join(
        f"v{n}: {{a: v{n + 1}, b: v{n + 1}}}" for n in reversed(range(10))
    ) + "}.v0.a.a.a.a.a.a.a.a.a"), type_ref="number"),
), "d")  # fmt: skip

# --- graphs ---------------------------------------------------------------------------


def chain(count: int) -> list[str]:
    return [
        decision(
            f"d{n}", literal(f"d{n - 1} + 1" if n else "1"), decisions=(f"d{n - 1}",) * (n > 0)
        )
        for n in range(count)
    ]


def of_tokens(limits: Limits, more: int) -> Any:
    """Load decisions that take `model_steps` to make ready, or one step more for each `more`.

    A decision takes 5 steps, its text 3 and a step for each token, the end of the text too:
    in all 100 for a list of 45 numbers, and one more for each sign before a number.
    """
    count = limits.model_steps // 100
    texts = ["[" + "1," * 44 + "1]"] * count
    texts[0] = "[" + "-" * more + texts[0][1:]
    file = model(*(
        f'<decision id="d{n}" name="d{n}">{literal(text)}</decision>'
        for n, text in enumerate(texts)
    ))  # fmt: skip
    return pydmn.load(file, limits=limits).diagnostics


graphs.add("decisions, at model_steps", VALUE, lambda limits: of_tokens(limits, 0), exact=True)
graphs.add(
    "decisions, above model_steps",
    limit("model_steps"),
    lambda limits: of_tokens(limits, 1),
    exact=True,
)
graphs.model("1,000 in a chain", VALUE, model(*chain(1_000)), "d999")
graphs.model("2,000 in a chain", limit("xml_elements"), model(*chain(2_000)), "d1999")
graphs.model("1,500 apart", limit("model_steps"), model(
    *(decision(f"d{n}", literal("1+1+1+1")) for n in range(1_500))), "d0")  # fmt: skip
graphs.model("5,000 without logic", limit("model_steps"), model(
    *(f'<decision id="d{n}" name="d"/>' for n in range(5_000))))  # fmt: skip
graphs.model("5,000 with one id", VALUE, model(
    '<decision id="d" name="d"/>' * 5_000))  # fmt: skip
graphs.model("each requires all before", VALUE, model(*(
    decision(f"d{n}", literal("1"), decisions=tuple(f"d{m}" for m in range(n))) for n in range(80)
)), "d79")  # fmt: skip
graphs.model("... of 900 entries each", limit("model_steps"), model(
    decision("d0", literal("{" + ", ".join(f"k{n}: 1" for n in range(900)) + "}")),
    *(decision(f"d{n}", literal("d0"), decisions=tuple(f"d{m}" for m in range(n)))
      for n in range(1, 80)),
), "d79")  # fmt: skip
graphs.model("values that double", limit("steps"), model(*(
    decision(f"d{n}", literal(f"[d{n - 1}, d{n - 1}]" if n else "1"), decisions=(f"d{n - 1}",) * (n > 0))
    for n in range(60)
)), "d59")  # fmt: skip
graphs.model("texts that double", limit("chars"), model(*(
    decision(f"d{n}", literal(f"d{n - 1} + d{n - 1}" if n else '"ab"'), decisions=(f"d{n - 1}",) * (n > 0))
    for n in range(60)
)), "d59")  # fmt: skip
graphs.model("types that double", VALUE, model(*(
    knowledge(f"f{n}", f"{{a: f{n - 1}(x), b: f{n - 1}(x)}}" if n else "1", requires=(f"f{n - 1}",) * (n > 0))
    for n in range(40)
)))  # fmt: skip
graphs.model("services that call twice", limit("steps"), model(
    decision("d0", literal("1")),
    *(f'<decisionService id="s{n}" name="s{n}"><outputDecision href="#d{n}"/></decisionService>'
      + decision(f"d{n + 1}", literal(f"s{n}() + s{n}()"), knowledge=(f"s{n}",))
      for n in range(40)),
), "d40")  # fmt: skip
graphs.model("1,000 inputs for each of 5", VALUE, model(
    *(input_data(f"i{n}") for n in range(1_000)),
    *(decision(f"d{n}", literal("1"), inputs=tuple(f"i{m}" for m in range(200)))
      for n in range(5)),
), "d0")  # fmt: skip
graphs.model("100 decisions of 500 tokens", limit("model_steps"), model(
    *(decision(f"d{n}", literal("[" + "1," * 500 + "1]")) for n in range(100))))  # fmt: skip


def entries(count: int, text: str = "1") -> str:
    return "<context>" + "".join(
        f'<contextEntry><variable name="a{n}"/>{literal(text)}</contextEntry>' for n in range(count)
    ) + "</context>"  # fmt: skip


graphs.model("a context of 1,000 entries", VALUE, model(decision("d", entries(1_000))), "d")
graphs.model("2,000 components behind 300 entries", limit("model_steps"), model(
    item("T", "".join(f'<itemComponent name="c{n}"/>' for n in range(2_000))),
    decision("d", entries(300, "{z: a0.b0}")),
), "d")  # fmt: skip
graphs.model("a list of 3,000", VALUE, model(decision("d", "<list>" + literal("1") * 3_000 + "</list>")),
             "d")  # fmt: skip
graphs.model("a relation of 50 x 60", VALUE, model(decision("d", "<relation>" + "".join(
    f'<column name="c{n}"/>' for n in range(50)
) + ("<row>" + literal("1") * 50 + "</row>") * 60 + "</relation>")), "d")  # fmt: skip

# --- tables ---------------------------------------------------------------------------


def table(
    rules: int,
    columns: int,
    cell: str = "-",
    output: str = "1",
    policy: str = 'hitPolicy="COLLECT"',
) -> str:
    """Return a decision `t` of a table with `columns` inputs that are all 1."""
    inputs = f"<input><inputExpression>{text('1')}</inputExpression></input>" * columns
    row = f"<inputEntry>{text(cell)}</inputEntry>" * columns
    row = f"<rule>{row}<outputEntry>{text(output)}</outputEntry></rule>"
    return decision("t", f"<decisionTable {policy}>{inputs}<output/>{row * rules}</decisionTable>")


def text(content: str) -> str:
    return f"<text>{content.replace('<', '&lt;')}</text>"


def policy(name: str, aggregation: str | None = None) -> str:
    return f'hitPolicy="{name}"' + (f' aggregation="{aggregation}"' if aggregation else "")


def of_cells(limits: Limits, columns: int) -> Any:
    """Load a table of `columns`, the output with them, and a fiftieth of the cells as rules."""
    row = "<rule>" + "<inputEntry/>" * (columns - 1) + "<outputEntry/></rule>"
    inputs = f"<input><inputExpression>{text('1')}</inputExpression></input>" * (columns - 1)
    rows = row * (limits.cells // 50)
    file = model(decision("t", f"<decisionTable>{inputs}<output/>{rows}</decisionTable>"))
    return pydmn.load(file, limits=limits).diagnostics


tables.add("50 columns, at cells", VALUE, lambda limits: of_cells(limits, 50), exact=True)
tables.add(
    "51 columns, above cells", limit("cells"), lambda limits: of_cells(limits, 51), exact=True
)


def of_intervals(limits: Limits) -> Any:
    """Decide by as many rules of four intervals, no two alike, as all limits let load."""
    rules = min(limits.cells // 5, limits.xml_elements // 12, limits.model_steps // 25) - 10
    rules = min(rules, limits.model_bytes // 400)
    names = "abcd"
    rows = tuple(
        (*(f"[{column * rules + n}.5..{column * rules + n + 7})" for column in range(4)), "1")
        for n in range(rules)
    )
    columns = tuple((name, "number") for name in names)
    file = model(
        *(input_data(name, "number") for name in names),
        decision("t", dmn_table("FIRST", columns, (output("o"),), rows), inputs=tuple(names)),
    )
    decide = pydmn.load(file, limits=limits).decision("t")
    return decide({name: rules * number + 1 for number, name in enumerate(names)})


tables.add("intervals, no two alike", VALUE, of_intervals)
for name in ("UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"):
    tables.model(f"900 rules, {name}", VALUE, model(table(900, 1, policy=policy(name))), "t")
for name in ("SUM", "MIN", "MAX", "COUNT"):
    tables.model(
        f"900 rules, {name}", VALUE, model(table(900, 1, policy=policy("COLLECT", name))), "t"
    )
tables.model("1,600 rules", limit("xml_elements"), model(table(1_600, 1)), "t")
tables.model("10,000 rules", limit("xml_elements"), model(table(10_000, 1)), "t")
tables.model("1,000 columns", VALUE, model(table(1, 1_000, policy=policy("FIRST"))), "t")
tables.model("50 x 50", VALUE, model(table(50, 50, policy=policy("COLLECT"))), "t")
tables.model("outputs of 20,000 items", limit("steps"), model(
    table(50, 1, output="for i in 1..19000 return i", policy=policy("COLLECT"))), "t")  # fmt: skip
tables.model("ANY of large outputs", limit("steps"), model(
    table(50, 1, output="for i in 1..9000 return i", policy=policy("ANY"))), "t")  # fmt: skip
tables.model("SUM of texts", VALUE, model(
    table(50, 1, output='"a"', policy=policy("COLLECT", "SUM"))), "t")  # fmt: skip
tables.model("cells that loop", limit("steps"), model(
    table(50, 1, "every i in 1..1000000 satisfies ? > 0", policy=policy("COLLECT"))), "t")  # fmt: skip
tables.model("a cell of 4,500 tests", limit("expression_nodes"), model(
    table(1, 1, "1," * 4_500 + "1", policy=policy("FIRST"))), "t")  # fmt: skip
tables.model("a cell of 10,001 characters", limit("expression_chars"), model(
    table(1, 1, '"' + "a" * 9_999 + '"', policy=policy("FIRST"))), "t")  # fmt: skip
tables.model("cells of 20 tests", VALUE, model(
    table(600, 1, ",".join("1" * 20), policy=policy("FIRST"))), "t")  # fmt: skip

# --- names ----------------------------------------------------------------------------

for name, ends, written in (
    ("400 words", VALUE, "a " * 400),
    ("a word of 100,000", VALUE, "a" * 100_000),
    ("50,000 words", VALUE, "a " * 50_000),
    ("keywords", VALUE, "if then else for in return"),
    ("operators", VALUE, "a + b - c * d / e ** f"),
    ("right to left", VALUE, "\u202eabc\u202c"),
    ("zero width", VALUE, "a\u200b\u200db"),
    ("combining", VALUE, "e" + "\u0301" * 5_000),
    ("astral", VALUE, "\U0001f600" * 1_000),
    ("private use", VALUE, "\ue000"),
    ("no letter", VALUE, "---"),
    ("blank", VALUE, " "),
    ("empty", VALUE, ""),
    ("quotes", VALUE, "a&quot;b'c"),
    ("a lookalike of true", VALUE, "tru\u0435"),
    ("non-breaking blanks", VALUE, "a\u00a0\u00a0b"),
    ("line feeds", VALUE, "a&#10;b&#13;c"),
):  # fmt: skip
    names.model(name, ends, model(input_data(written), decision("d", literal("1"))), "d")
names.model("500 names, each the start of the next", VALUE, model(
    *(input_data("a " * n + "a") for n in range(150)),
    decision("d", literal("a " * 200)),
))  # fmt: skip
names.model("900 unknown names of several words", limit("model_steps"), model(
    *(decision(f"decision number {n}", literal(f"decision numbr {n} + 1")) for n in range(900))))  # fmt: skip
names.feel("a variable of 5,000 words", VALUE, "1", {"a " * 5_000: 1})
names.feel("1,000 variables", VALUE, "a 999", {f"a {n}": n for n in range(1_000)})
names.feel("names that overlap", VALUE, "a-" * 100 + "a", {"a" + "-a" * n: 1 for n in range(150)})
