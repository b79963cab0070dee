"""Functions that call themselves, one another, or what they are handed."""

from __future__ import annotations

from dmn_text import decision, literal, model
from hostile.case import VALUE, Family, limit
from hostile.models import knowledge

import pydmn

recursion = Family("recursion")
models = Family("recursive models")

FAMILIES = (recursion, models)

COUNT_DOWN = "{f: function(g, n) if n <= 1 then 1 else g(g, n - 1), z: f(f, %d)}.z"

recursion.edge("calls", "call_depth", lambda limits, n: pydmn.feel(COUNT_DOWN % n, limits=limits))
recursion.edge("calls of a builtin", "call_depth", lambda limits, n: pydmn.feel(
    # `list replace` calls a function without a call of its own being counted.
    "{f: function(g, n) if n <= 1 then 1 else list replace([n], function(a, b) false, g(g, n - 1)),"
    f" z: f(f, {n})}}.z", limits=limits))  # fmt: skip
for name, ends, text in (
    ("without end", limit("call_depth"), "{f: function(g) g(g), z: f(f)}.z"),
    ("with a growing list", limit("items"),
     "{f: function(g, l) g(g, concatenate(l, l)), z: f(f, [1, 2])}.z"),
    ("with a growing text", limit("chars"), '{f: function(g, s) g(g, s + s), z: f(f, "aa")}.z'),
    ("a tree", limit("steps"),
     "{f: function(g, n) if n = 0 then 1 else g(g, n - 1) + g(g, n - 1), z: f(f, 60)}.z"),
    ("Ackermann", limit("steps"),
     "{f: function(g, m, n) if m = 0 then n + 1 else if n = 0 then g(g, m - 1, 1)"
     " else g(g, m - 1, g(g, m, n - 1)), z: f(f, 4, 4)}.z"),
    ("two in turn", limit("call_depth"),
     "{a: function(x, y) y(y, x), b: function(x, y) y(y, x), z: a(a, b)}.z"),
    ("the Y combinator", limit("call_depth"), "(function(x) x(x))(function(x) x(x))"),
    ("in a loop", limit("steps"), "{f: function(g, n) for i in 1..1000 return"
     " if n = 0 then i else g(g, n - 1), z: f(f, 50)}.z"),
    ("in a filter", limit("call_depth"), "{f: function(g) [1][g(g)], z: f(f)}.z"),
    ("in a quantifier", limit("call_depth"),
     "{f: function(g) some i in [1] satisfies g(g), z: f(f)}.z"),
    ("in sort", limit("call_depth"), "{f: function(g) sort([1, 2], function(a, b) g(g)), z: f(f)}.z"),
    ("in list replace", limit("call_depth"),
     "{f: function(g) list replace([1], function(a, b) g(g), 1), z: f(f)}.z"),
    ("in an argument", limit("call_depth"), "{f: function(g, x) abs(g(g, g(g, x))), z: f(f, 1)}.z"),
    ("in a context", limit("call_depth"), "{f: function(g) {a: {b: {c: g(g)}}}, z: f(f)}.z"),
    ("in brackets", limit("call_depth"),
     "{f: function(g) " + "[" * 40 + "g(g)" + "]" * 40 + ", z: f(f)}.z"),
    ("in sums", limit("call_depth"), "{f: function(g) " + "1+" * 40 + "g(g), z: f(f)}.z"),
    ("in conditions", limit("call_depth"),
     "{f: function(g) " + "if false then 1 else " * 40 + "g(g), z: f(f)}.z"),
    ("a nested answer", limit("nested"),
     "{f: function(g, n) if n = 0 then [] else [[[g(g, n - 1)]]], z: f(f, 90)}.z"),
    ("a nested answer as a text", VALUE,
     "{f: function(g, n) if n = 0 then [] else [[[g(g, n - 1)]]], z: string length(string(f(f, 90)))}.z"),
    ("nested answers compared", VALUE,
     "{f: function(g, n) if n = 0 then [] else [[[g(g, n - 1)]]], z: f(f, 90) = f(f, 90)}.z"),
    ("members of a nested answer", limit("call_depth"),
     "{f: function(g, n) if n = 0 then [] else [[[g(g, n - 1)]]], z: f(f, 90).a}.z"),
    ("functions of functions", limit("call_depth"),
     "{f: function(g, h) g(g, function() h()), z: f(f, function() 1)}.z"),
    ("a chain of closures", VALUE, "{f: function(g, h, n) if n = 0 then h() else"
     " g(g, function() h(), n - 1), z: f(f, function() 1, 40)}.z"),
    ("kept closures", limit("steps"),
     "for i in 1..19000 return function(a, b, c, d) [a, b, c, d, i, partial]"),
):  # fmt: skip
    recursion.feel(name, ends, text)


def asked(text: str, *knowledge_models: str) -> bytes:
    return model(*knowledge_models, decision("d", literal(text), knowledge=("f",)))


for name, ends, body in (
    ("without end", limit("call_depth"), "f(x + 1)"),
    ("a tree", limit("steps"), "if x = 0 then 1 else f(x - 1) + f(x - 1)"),
    ("99 deep", VALUE, "if x <= 2 then 1 else f(x - 1)"),
    ("a growing list", limit("call_depth"), "f([x, x])"),
    ("itself as a value", VALUE, "f"),
    ("handed to itself", limit("call_depth"), "f(f)"),
    ("in a loop", limit("steps"), "for i in 1..100 return if x = 0 then 1 else f(x - 1)"),
    ("in sort", limit("call_depth"), "sort([1, 2], function(a, b) f(x))"),
):
    models.model(name, ends, asked("f(99)", knowledge("f", body)), "d")
models.model("each calls the next twice", limit("steps"), model(
    *(knowledge(f"f{n}", f"f{n + 1}(x) + f{n + 1}(x)", requires=(f"f{n + 1}",)) for n in range(60)),
    knowledge("f60", "1"),
    decision("d", literal("f0(1)"), knowledge=("f0",)),
), "d")  # fmt: skip
models.model("a function in a boxed context", limit("call_depth"), model(decision("d",
    '<context><contextEntry><variable name="f"/><functionDefinition><formalParameter name="x"/>'
    + literal("f(x)") + "</functionDefinition></contextEntry><contextEntry>" + literal("f(1)")
    + "</contextEntry></context>")), "d")  # fmt: skip
models.model("a boxed loop", limit("steps"), model(decision("d",
    '<every iteratorVariable="i"><in>' + literal("[1..1000000000]") + "</in><satisfies>"
    + literal("true") + "</satisfies></every>")), "d")  # fmt: skip
models.model("a boxed filter", limit("steps"), model(decision("d",
    "<filter><in>" + literal("for i in 1..19000 return i") + "</in><match>"
    + literal("count(for j in 1..19000 return j) > item") + "</match></filter>")), "d")  # fmt: skip
models.model("boxed loops in loops", limit("steps"), model(decision("d",
    ('<for iteratorVariable="i"><in>' + literal("[1..10]") + "</in><return>") * 12
    + literal("1") + "</return></for>" * 12)), "d")  # fmt: skip
