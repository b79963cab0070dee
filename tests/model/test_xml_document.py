"""Bounds, encodings and what reaches outside: each limit met from both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from model.dmn_files import MODEL, definitions

from pydmn.errors import LimitExceeded
from pydmn.limits import DEFAULT, Limits
from pydmn.model import read_xml


def readable(data: bytes, limits: Limits) -> bool:
    """Return whether `data` is read at all."""
    model, _ = read_xml(data, limits=limits)
    return model is not None


def nested(depth: int) -> bytes:
    """Return a file whose deepest element is at `depth`, the root being at 1."""
    return definitions(
        '<v:a xmlns:v="urn:v">' + "<b>" * (depth - 2) + "</b>" * (depth - 2) + "</v:a>"
    )


@pytest.mark.parametrize("limit", [3, 64, 200, 256])
def test_depth(limit: int) -> None:
    limits = replace(DEFAULT, xml_depth=limit)
    assert readable(nested(limit), limits)
    with pytest.raises(LimitExceeded, match="xml_depth"):
        readable(nested(limit + 1), limits)


def test_a_depth_beyond_the_parsers_own_bound() -> None:
    with pytest.raises(LimitExceeded, match="256"):
        readable(nested(300), replace(DEFAULT, xml_depth=1_000))


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_elements(limit: int) -> None:
    limits = replace(DEFAULT, xml_elements=limit)
    assert readable(definitions("<!-- < -->" * 9 + "<group/>" * (limit - 1)), limits)
    with pytest.raises(LimitExceeded, match="xml_elements"):
        readable(definitions("<group/>" * limit), limits)


@pytest.mark.parametrize("value", ["", "=" * 600, ">", "x" * 600])
def test_attributes(value: str) -> None:
    limits = replace(DEFAULT, xml_attributes=40)
    attributes = "".join(f' a{n}="{value}"' for n in range(40))
    assert readable(definitions(f"<group{attributes}/>"), limits)
    with pytest.raises(LimitExceeded, match="xml_attributes"):
        readable(definitions(f'<group{attributes} b=""/>'), limits)


def test_namespace_declarations_count_as_attributes() -> None:
    limits = replace(DEFAULT, xml_attributes=40)
    declarations = "".join(f' xmlns:a{n}="u{n}"' for n in range(40))
    assert readable(definitions(f"<group{declarations}/>"), limits)
    with pytest.raises(LimitExceeded, match="xml_attributes"):
        readable(definitions(f'<group{declarations} b=""/>'), limits)


def test_bytes() -> None:
    data = definitions("")
    assert readable(data, replace(DEFAULT, model_bytes=len(data)))
    with pytest.raises(LimitExceeded, match="model_bytes"):
        readable(data, replace(DEFAULT, model_bytes=len(data) - 1))


@pytest.mark.parametrize(
    ("encoding", "declaration"),
    [
        ("utf-8", ""),
        ("utf-8-sig", ""),
        ("utf-8", '<?xml version="1.0" encoding="UTF-8"?>'),
        ("utf-16", '<?xml version="1.0" encoding="UTF-16"?>'),
        ("utf-16-le", '<?xml version="1.0" encoding="UTF-16"?>'),
        ("utf-16-be", ""),
        ("iso-8859-1", "<?xml version='1.0' encoding='ISO-8859-1'?>"),
        ("windows-1252", '<?xml version="1.0" encoding="windows-1252" standalone="yes"?>'),
    ],
)
def test_encodings(encoding: str, declaration: str) -> None:
    text = f'{declaration}<definitions xmlns="{MODEL}" name="Café" namespace="urn:c"/>'
    model, diagnostics = read_xml(text.encode(encoding))
    assert diagnostics == ()
    assert model is not None
    assert model.name == "Café"


@pytest.mark.parametrize("encoding", ["utf-7", "ebcdic-cp-us", "punycode", "no-such"])
def test_other_encodings_are_refused(encoding: str) -> None:
    model, (diagnostic,) = read_xml(f'<?xml version="1.0" encoding="{encoding}"?><a/>'.encode())
    assert model is None
    assert diagnostic.code == "unsupported-encoding"
    assert encoding in diagnostic.message


@pytest.mark.parametrize(
    "data", [b"\xff", b"\xff\xfe<", b"\xef\xbb\xbf\xc0\x80", b"<a>\xed\xa0\x80</a>"]
)
def test_bytes_that_are_no_text(data: bytes) -> None:
    model, (diagnostic,) = read_xml(data)
    assert model is None
    assert diagnostic.code == "bad-encoding"


def test_where_the_first_byte_stands_that_is_no_text() -> None:
    text = "<a>" + "\n\u20ac" * 70_000
    _, (diagnostic,) = read_xml(text.encode() + b"\xff")
    assert diagnostic.message == "the byte 0xff at offset 280,003 is not utf-8"
    assert diagnostic.source.line == 70_001
    model, (diagnostic,) = read_xml(text.encode()[:-1])
    assert model is None
    assert diagnostic.message == "the byte 0xe2 at offset 280,000 is not utf-8"


LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a "ha">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]>"
)


@pytest.mark.parametrize(
    "prolog",
    [
        "<!DOCTYPE definitions>",
        LAUGHS,
        '<!DOCTYPE d SYSTEM "http://example.org/x.dtd">',
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<?xml version="1.0"?>\n<?pi <a> ?><!-- <a> --> <!DOCTYPE d>',
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_doctype_is_refused(prolog: str, encoding: str) -> None:
    model, (diagnostic,) = read_xml((prolog + definitions("&i;").decode()).encode(encoding))
    assert model is None
    assert diagnostic.code == "doctype"


def test_an_entity_without_a_doctype_is_not_xml() -> None:
    model, (diagnostic,) = read_xml(definitions("&i;"))
    assert model is None
    assert diagnostic.code == "not-xml"


def test_xinclude_is_a_vendors_element() -> None:
    include = (
        '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname" parse="text"/>'
    )
    model, diagnostics = read_xml(
        definitions(f'<decision name="D"><description>{include}</description></decision>')
    )
    assert model is not None
    assert diagnostics == ()
    assert model.decisions[0].description == ""


def test_comments_and_instructions_do_not_split_a_text() -> None:
    model, _ = read_xml(
        definitions(
            '<decision name="D"><literalExpression>'
            "<text>1 <!-- one -->+<?pi?> <![CDATA[2 < 3]]></text>"
            "</literalExpression></decision>"
        )
    )
    assert model is not None
    expression = model.decisions[0].expression
    assert expression is not None
    assert expression.source.text == "1 + 2 < 3"


def test_lines_beyond_65535() -> None:
    model, _ = read_xml(definitions("\n" * 70_000 + '<decision name="D"/>'))
    assert model is not None
    assert model.decisions[0].source.line == 70_001
