"""Files that attack the reader: entities, depth, size, bytes that are no text."""

from __future__ import annotations

from typing import Any

from dmn_text import NAMESPACE, decision, literal, model
from hostile.case import MODEL, VALUE, Family, limit

import pydmn
from pydmn.limits import Limits

entities = Family("entities")
depth = Family("deep XML")
size = Family("large XML")
octets = Family("bytes")

FAMILIES = (entities, depth, size, octets)

PLAIN = model(decision("d", literal("1")))


def load(data: bytes, limits: Limits) -> Any:
    return pydmn.load(data, limits=limits).diagnostics


# --- entities -------------------------------------------------------------------------


def with_prolog(prolog: str, body: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?>{prolog}<definitions xmlns="{NAMESPACE}" name="m" namespace="n">'
        f"<description>{body}</description></definitions>"
    ).encode()


LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "ha">' for n in range(10)
)
for name, prolog, body in (
    ("a billion laughs", f"<!DOCTYPE d [{LAUGHS}]>", "&l9;"),
    ("laughs unused", f"<!DOCTYPE d [{LAUGHS}]>", ""),
    ("quadratic blow-up", f'<!DOCTYPE d [<!ENTITY a "{"a" * 50_000}">]>', "&a;" * 5_000),
    ("an entity of itself", '<!DOCTYPE d [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;"),
    ("a local file", '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"),
    ("a device", '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///dev/zero">]>', "&a;"),
    ("a host", '<!DOCTYPE d [<!ENTITY a SYSTEM "http://127.0.0.1:9/a">]>', "&a;"),
    ("a parameter entity", '<!DOCTYPE d [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>', ""),
    ("an external subset", '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/a.dtd">', ""),
    ("a public identifier", '<!DOCTYPE d PUBLIC "-//a//b" "a.dtd">', ""),
    ("an empty DOCTYPE", "<!DOCTYPE d>", ""),
    ("default attributes", '<!DOCTYPE d [<!ATTLIST description a CDATA "x">]>', ""),
    ("DOCTYPE behind a comment", "<!-- a --><!DOCTYPE d []>", ""),
    ("DOCTYPE behind an instruction", "<?a b?><!DOCTYPE d []>", ""),
    ("DOCTYPE behind many comments", "<!-- -->" * 20_000 + "<!DOCTYPE d []>", ""),
    ("an entity that nothing defines", "", "&a;"),
    ("a character reference to NUL", "", "&#0;"),
    ("a character reference too large", "", "&#x110000;"),
):
    entities.model(name, MODEL, with_prolog(prolog, body))
entities.model(
    "XInclude is not followed",
    VALUE,
    with_prolog(
        "",
        '<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"'
        ' parse="text"/>',
    ),
)

# --- depth ----------------------------------------------------------------------------


def nested(levels: int, tag: str = "a") -> bytes:
    """Return a file with so many levels, the root included."""
    opening = f'<{tag} xmlns="urn:v">' + f"<{tag}>" * (levels - 2)
    return model(opening + f"</{tag}>" * (levels - 1))


depth.edge("foreign elements", "xml_depth", lambda limits, n: load(nested(n), limits))
for levels in (100, 255, 257, 1_000, 10_000):
    depth.model(f"{levels} foreign elements", limit("xml_depth"), nested(levels))
for opening, closing in (
    ('<context><contextEntry><variable name="a"/>', "</contextEntry></context>"),
    ("<list>", "</list>"),
    ("<functionDefinition>", "</functionDefinition>"),
    ("<conditional><if>", "</if></conditional>"),
    ("<for><in>", "</in></for>"),
    ("<filter><in>", "</in></filter>"),
    ("<invocation>", "</invocation>"),
):
    kind = opening[1:].split(">")[0]
    per_level = opening.count("<") - opening.count("/>")
    for levels in (56 // per_level, 200 // per_level, 5_000):
        ends = VALUE if levels * per_level < 62 else limit("xml_depth")
        depth.model(
            f"{levels} {kind}",
            ends,
            model(decision("d", opening * levels + literal("1") + closing * levels)),
        )
depth.model("a type in a type", limit("xml_depth"), model(
    '<itemDefinition name="T">' + '<itemComponent name="a">' * 500
    + "</itemComponent>" * 500 + "</itemDefinition>"
))  # fmt: skip

# --- size -----------------------------------------------------------------------------


COMMENT = f"<!--{'a' * 9_993}-->".encode()


def padded(length: int) -> bytes:
    """Return a file of so many bytes; the parser takes no 10 MB in one piece."""
    comments, blanks = divmod(length - len(PLAIN), len(COMMENT))
    return PLAIN + COMMENT * comments + b" " * blanks


def elements(count: int) -> bytes:
    return model("<a/>" * (count - 1))


def attributes(count: int) -> bytes:
    return model("<a " + " ".join(f'a{n}="1"' for n in range(count)) + "/>")


size.edge("comments", "model_bytes", lambda limits, n: load(padded(n), limits))
size.edge("empty elements", "xml_elements", lambda limits, n: load(elements(n), limits))
size.edge("attributes", "xml_attributes", lambda limits, n: load(attributes(n), limits))
size.edge("namespaces", "xml_attributes", lambda limits, n: load(
    model("<a " + " ".join(f'xmlns:a{each}="u"' for each in range(n)) + "/>"), limits
))  # fmt: skip
for name, ends, data in (
    ("100,000 attributes", limit("xml_attributes"), attributes(60_000)),
    ("one attribute twice", MODEL, model('<a b="1" b="2"/>')),
    ("an attribute of 900 kB", VALUE, model(f'<decision name="{"a " * 450_000}"/>')),
    ("a description of 900 kB", VALUE, model(f"<description>{'a ' * 450_000}</description>")),
    ("CDATA of 900 kB", VALUE, model(f"<description><![CDATA[{'<' * 900_000}]]></description>")),
    ("a comment of 900 kB", VALUE, model(f"<!--{'a' * 900_000}-->")),
    ("90,000 comments", VALUE, model("<!---->" * 90_000)),
    ("90,000 instructions", VALUE, model("<?a b?>" * 90_000)),
    ("100,000 references", VALUE, model(f"<description>{'&lt;' * 200_000}</description>")),
    ("a tag name of 400 kB", MODEL, model(f"<{'a' * 400_000}></{'a' * 400_000}>")),
    ("a namespace of 900 kB", VALUE, model(f'<a xmlns="{"u" * 900_000}"/>')),
    ("a text in 100,000 lines", VALUE, model("<description>" + "\n" * 900_000 + "</description>")),
    ("shapes", VALUE, model(
        '<DMNDI xmlns="https://www.omg.org/spec/DMN/20191111/DMNDI/"><DMNDiagram>'
        + '<DMNShape dmnElementRef="x"/>' * 6_900 + "</DMNDiagram></DMNDI>"
    )),
    ("extensions", VALUE, model(
        "<extensionElements>" + '<a xmlns="u"><b/></a>' * 3_400 + "</extensionElements>"
    )),
):  # fmt: skip
    size.model(name, ends, data)

# --- bytes ----------------------------------------------------------------------------

XML = PLAIN.decode()
for name, ends, data in (
    ("nothing", MODEL, b""),
    ("one NUL", MODEL, b"\0"),
    ("NULs", MODEL, b"\0" * 500_000),
    ("NUL in a text", MODEL, PLAIN.replace(b">1<", b">1\0<")),
    ("a NUL behind", MODEL, PLAIN + b"\0"),
    ("blanks", MODEL, b" " * 500_000),
    ("no XML", MODEL, b"hello"),
    ("JSON", MODEL, b'{"a": 1}'),
    ("zip", MODEL, b"PK\x03\x04" + b"\x80" * 1_000),
    ("every byte", MODEL, bytes(range(256)) * 1_000),
    ("cut short", MODEL, PLAIN[: len(PLAIN) // 2]),
    ("two roots", MODEL, PLAIN + PLAIN),
    ("a lone continuation byte", MODEL, PLAIN.replace(b">1<", b">\x80<")),
    ("an overlong NUL", MODEL, PLAIN.replace(b">1<", b">\xc0\x80<")),
    ("an overlong slash", MODEL, PLAIN.replace(b">1<", b">\xe0\x80\xaf<")),
    ("half a surrogate pair", MODEL, PLAIN.replace(b">1<", b">\xed\xa0\x80<")),
    ("beyond Unicode", MODEL, PLAIN.replace(b">1<", b">\xf5\x80\x80\x80<")),
    ("a sequence cut short", MODEL, PLAIN.replace(b">1<", b">\xe2\x82<")),
    ("a control character", MODEL, PLAIN.replace(b">1<", b">\x01<")),
    ("U+FFFE", MODEL, PLAIN.replace(b">1<", ">\ufffe<".encode())),
    ("UTF-16", VALUE, XML.encode("utf-16")),
    ("UTF-16 without a mark", VALUE, XML.encode("utf-16-le")),
    ("half of a UTF-16 unit", MODEL, XML.encode("utf-16") + b"\x00"),
    ("UTF-16 with half a pair", MODEL, XML.replace(">1<", ">\ud800<").encode(
        "utf-16", "surrogatepass")),
    ("UTF-32", MODEL, XML.encode("utf-32")),
    ("UTF-7", MODEL, b'<?xml version="1.0" encoding="utf-7"?>' + PLAIN),
    ("EBCDIC", MODEL, b'<?xml version="1.0" encoding="cp037"?>' + PLAIN),
    ("UTF-16 in name only", MODEL, b'<?xml version="1.0" encoding="utf-16"?>' + PLAIN),
    ("an unknown encoding", MODEL, b'<?xml version="1.0" encoding="x-no-such"?>' + PLAIN),
    ("a long encoding", MODEL, b'<?xml version="1.0" encoding="' + b"a" * 100_000 + b'"?>' + PLAIN),
    ("an encoding that is a codec", MODEL, b'<?xml version="1.0" encoding="rot13"?>' + PLAIN),
    ("three marks", MODEL, b"\xef\xbb\xbf" * 3 + PLAIN),
    ("XML 2.0", MODEL, b'<?xml version="2.0"?>' + PLAIN[:-3]),
):  # fmt: skip
    octets.model(name, ends, data)
