"""An XML file of a stranger, parsed within bounds.

No DTD, no entities, no network, no XInclude. Without a DTD a document cannot grow while it
is parsed, so the bounds on bytes and elements bound the memory. libxml2 does the parsing; it
has bounds of its own (256 levels, 10 MB for one text), which hold as well.
"""

from __future__ import annotations

import re
from codecs import iterdecode
from typing import TYPE_CHECKING, Any, TypedDict

from pydmn.diagnostics import Diagnostic
from pydmn.errors import LimitExceeded
from pydmn.limits import Limits
from pydmn.model.taken_rules import TakenRules, Unusual
from pydmn.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

_ENCODINGS = frozenset(
    {"utf-8", "us-ascii", "utf-16", "utf-16le", "utf-16be", "iso-8859-1", "iso-8859-15"}
    | {"windows-1252"}
)
_BYTE_ORDER_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16le"),
    (b"\xfe\xff", "utf-16be"),
)
_DECLARED_ENCODING = re.compile(
    rb"<\?xml[^>]{0,100}?\sencoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9._-]{1,40})[\"']"
)
_PARSER_DEPTH = 256
_PIECE = 65_536


def parse_document(
    data: bytes, file: str | None, limits: Limits, taken: TakenRules | None = None
) -> tuple[_Element | None, tuple[Diagnostic, ...]]:
    """Return the root element of `data`, or None and why there is none.

    Comments and processing instructions are dropped, and so is what is `taken`. Raises
    `LimitExceeded` for more bytes, elements, levels, or attributes of one element (namespace
    declarations count) than `limits` allow; with `taken`, `Unusual` for what is not well-formed
    or too deep.
    """
    if len(data) > limits.model_bytes:
        limits.exceeded("model_bytes")
    decoded = _as_utf8(data, file)
    if isinstance(decoded, Diagnostic):
        return None, (decoded,)
    doctype = _doctype_line(decoded)
    if doctype is not None:
        return None, (_refused_doctype(file, doctype),)
    return _parse(decoded, file, limits, taken)


def _parse(
    data: bytes, file: str | None, limits: Limits, taken: TakenRules | None
) -> tuple[_Element | None, tuple[Diagnostic, ...]]:
    """Parse UTF-8 bytes without a DOCTYPE."""
    from lxml import etree

    try:
        if _may_exceed(data, limits):
            counter: Any = _Counter(limits)
            etree.fromstring(data, etree.XMLParser(target=counter, **_OPTIONS))
        if taken is None:
            root = etree.fromstring(data, etree.XMLParser(**_OPTIONS))
        else:
            parser = etree.XMLPullParser(("end",), tag="{*}rule", **_OPTIONS)
            root = taken.parse(data, parser, limits.xml_depth)
    except etree.XMLSyntaxError as error:
        if taken is not None:
            raise Unusual from None
        if "Excessive depth" in (error.msg or ""):
            _too_deep(limits)
        return None, (_not_xml(error, file),)
    if data.count(b"</") >= limits.xml_depth and root.xpath(
        f"boolean({'/*' * (limits.xml_depth + 1)})"
    ):
        limits.exceeded("xml_depth")
    # The prolog was searched already; this holds should libxml2 see one where that did not.
    if root.getroottree().docinfo.internalDTD is not None:
        return None, (_refused_doctype(file, 1),)
    return root, ()


class _Options(TypedDict):
    """Keyword arguments of `lxml.etree.XMLParser`."""

    encoding: str
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    dtd_validation: bool
    attribute_defaults: bool
    huge_tree: bool
    recover: bool
    remove_comments: bool
    remove_pis: bool
    collect_ids: bool


# Everything is off that reaches outside the document or makes it grow.
_OPTIONS = _Options(
    encoding="utf-8",
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    dtd_validation=False,
    attribute_defaults=False,
    huge_tree=False,
    recover=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)


class _Counter:
    """A parser target that builds nothing and stops at the first bound that is passed."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._elements = 0
        self._declarations = 0

    def start_ns(self, prefix: str, uri: str) -> None:
        """Count a namespace declaration; they come before their element."""
        del prefix, uri
        self._declarations += 1

    def start(self, tag: str, attrib: dict[str, str]) -> None:
        """Count an element and what stands in its tag."""
        del tag
        self._elements += 1
        if self._elements > self._limits.xml_elements:
            self._limits.exceeded("xml_elements")
        if len(attrib) + self._declarations > self._limits.xml_attributes:
            self._limits.exceeded("xml_attributes")
        self._declarations = 0

    def close(self) -> None:
        """Return nothing: there is no tree."""


def _may_exceed(data: bytes, limits: Limits) -> bool:
    """Return False only where the bytes alone show that elements and attributes are few.

    Each element has a `<` of its own. An attribute takes five bytes and a `=`, and no tag has a
    `<` inside. So nearly every model is parsed once, without a call for each element.
    """
    if data.count(b"<") > limits.xml_elements:
        return True
    long_tag = re.compile(rb"<[^<]{%d,}" % (5 * limits.xml_attributes))
    return any(
        found.group().count(b"=") > limits.xml_attributes for found in long_tag.finditer(data)
    )


def _too_deep(limits: Limits) -> None:
    """Raise for a document deeper than libxml2 goes."""
    if limits.xml_depth <= _PARSER_DEPTH:
        limits.exceeded("xml_depth")
    raise LimitExceeded(f"the XML is nested deeper than {_PARSER_DEPTH}, the parser's own bound")


def _as_utf8(data: bytes, file: str | None) -> bytes | Diagnostic:
    """Return `data` as UTF-8 without a byte order mark, or why it cannot be."""
    encoding = _encoding(data)
    if encoding not in _ENCODINGS:
        return Diagnostic(
            "unsupported-encoding",
            f"the file is in the encoding `{encoding}`, which is not read",
            Source("", file, 1),
            help="save the file as UTF-8",
        )
    for mark, _ in _BYTE_ORDER_MARKS:
        data = data.removeprefix(mark)
    try:
        return _recoded(data, encoding)
    except UnicodeDecodeError as error:
        line = 1 + data.count("\n".encode(encoding), 0, error.start)
        return Diagnostic(
            "bad-encoding",
            f"the byte 0x{data[error.start]:02x} at offset {error.start:,} is not {encoding}",
            Source("", file, line),
            help="save the file as UTF-8, or declare the encoding that it is in",
        )


def _recoded(data: bytes, encoding: str) -> bytes:
    """Return `data` as UTF-8; what is that already is only looked through, piece by piece.

    Its text is up to four times as long. Raises `UnicodeDecodeError`.
    """
    if encoding not in {"utf-8", "us-ascii"}:
        return data.decode(encoding).encode("utf-8")
    pieces = (data[start : start + _PIECE] for start in range(0, len(data), _PIECE))
    try:
        for _ in iterdecode(pieces, encoding):
            pass
    except UnicodeDecodeError:
        data.decode(encoding)  # says where
    return data


def _encoding(data: bytes) -> str:
    """Return the encoding by byte order mark, else by the XML declaration, else UTF-8."""
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    if data.startswith(b"<\x00"):
        return "utf-16le"
    if data.startswith(b"\x00<"):
        return "utf-16be"
    declared = _DECLARED_ENCODING.match(data)
    return declared.group(1).decode("ascii").lower() if declared else "utf-8"


def _doctype_line(data: bytes) -> int | None:
    """Return the line of a DOCTYPE before the root element, or None.

    Only blanks, comments and processing instructions may come before it (XML 1.0, 2.8).
    """
    position = 0
    while (position := data.find(b"<", position)) >= 0:
        if data.startswith(b"<!DOCTYPE", position):
            return 1 + data.count(b"\n", 0, position)
        if data.startswith(b"<!--", position):
            closing = b"-->"
        elif data.startswith(b"<?", position):
            closing = b"?>"
        else:
            return None
        end = data.find(closing, position + 2)
        if end < 0:
            return None
        position = end + len(closing)
    return None


def _refused_doctype(file: str | None, line: int) -> Diagnostic:
    """Return the message for a document type declaration."""
    return Diagnostic(
        "doctype",
        "the file has a DOCTYPE, which is refused",
        Source("", file, line),
        help="delete the `<!DOCTYPE ...>`; DMN has no use for one",
    )


def _not_xml(error: SyntaxError, file: str | None) -> Diagnostic:
    """Return the message for what the parser could not read."""
    reason = error.msg or "the file is empty"
    return Diagnostic(
        "not-xml",
        f"the file is not well-formed XML: {reason}",
        Source("", file, error.lineno or 1),
        help="mend the file at this line, or save it again from the modeler",
    )
