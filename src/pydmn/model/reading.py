"""One reading of one file: where it is, its names, and what was found wrong so far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias, TypedDict, TypeVar

from pydmn.diagnostics import Diagnostic, Severity
from pydmn.model.findings import Findings
from pydmn.model.namespaces import Names
from pydmn.model.plain_rules import PlainRules
from pydmn.model.references import Reference
from pydmn.model.taken_rules import TakenRules, Unusual
from pydmn.source import Source

if TYPE_CHECKING:
    from lxml.etree import _Element

Place: TypeAlias = tuple[str, ...]
Choice = TypeVar("Choice", bound=StrEnum)


class Common(TypedDict):
    """The fields of `DmnElement`."""

    id: str | None
    label: str | None
    description: str | None
    extensions: tuple[str, ...]


class Boxed(Common):
    """The fields of `BoxedExpression`."""

    source: Source
    type_ref: str | None


class Named(Common):
    """The fields of `NamedElement`."""

    name: str
    source: Source


class Reading:
    """What reading an element needs to know, and where it reports.

    `namespace` is the XML namespace of the file's DMN elements; children in others are a
    vendor's and are passed over (6.3.16). `taken` are the rules that the tree has no more.
    `ids` are those of the elements read so far, None for one that has none.
    """

    def __init__(self, namespace: str, file: str | None, names: Names, taken: TakenRules) -> None:
        self.file = file
        self.names = names
        self._namespace = namespace
        self._taken = taken
        self._prefix = f"{{{namespace}}}"
        self._description_tag = self.tag("description")
        self._extensions_tag = self.tag("extensionElements")
        self._tags: dict[frozenset[str], frozenset[str]] = {}
        self.ids: list[str | None] = []
        self._findings = Findings()
        self.report = self._findings.report

    def diagnostics(self, root: _Element, referable: Collection[str]) -> tuple[Diagnostic, ...]:
        """Return all that was found, in the order of the file.

        An id used twice is an error where it is one of the `referable`, a warning where
        nothing can refer to it. Raises `Unusual` where that is to be told of rules that were
        taken.
        """
        ids = [id_ for id_ in self.ids if id_ is not None]
        if len(set(ids)) != len(ids):
            if self._taken:
                raise Unusual
            self._report_repeated_ids(root, ids, referable)
        return self._findings.diagnostics()

    def _report_repeated_ids(
        self, root: _Element, ids: list[str], referable: Collection[str]
    ) -> None:
        """Report each use of an id after its first."""
        repeated = {id_ for id_, uses in Counter(ids).items() if uses > 1}
        first_lines: dict[str, int | None] = {}
        for element in root.iter(self._prefix + "*"):
            id_ = element.get("id")
            if id_ not in repeated:
                continue
            if id_ in first_lines:
                self.report(
                    "duplicate-id",
                    f"the id `{id_}` is used before, on line {first_lines[id_]}",
                    self.source(element, "", ()),
                    "give each element an id of its own",
                    Severity.ERROR if id_ in referable else Severity.WARNING,
                )
            else:
                first_lines[id_] = element.sourceline

    def plain_rules(self, table: _Element, inputs: int, outputs: int) -> PlainRules:
        """Return what is taken of each rule of a table. Raises `Unusual` as `TakenRules` does."""
        taken = self._taken.of(table, inputs, outputs)
        if taken is None:
            taken = PlainRules(self._namespace, inputs, outputs)
            for rule in self.children(table, "rule"):
                taken.take(rule)
        return taken

    def tag(self, local_name: str) -> str:
        """Return the tag of a DMN element, namespace and all."""
        return self._prefix + local_name

    def local_name(self, element: _Element) -> str | None:
        """Return the name of a DMN element, or None for an element of a vendor."""
        tag = str(element.tag)
        return tag.removeprefix(self._prefix) if tag.startswith(self._prefix) else None

    def children(self, element: _Element, local_name: str) -> Iterator[_Element]:
        """Yield the DMN children of one name."""
        return element.iterchildren(self._prefix + local_name)

    def child(self, element: _Element, local_name: str) -> _Element | None:
        """Return the first DMN child of a name, or None."""
        return next(self.children(element, local_name), None)

    def child_text(self, element: _Element, local_name: str) -> str | None:
        """Return the text of the first DMN child of a name, or None where there is none."""
        found = self.child(element, local_name)
        return None if found is None else found.text or ""

    def source(self, element: _Element, text: str, place: Place) -> Source:
        """Return `text` as standing in `element`."""
        return Source(text, self.file, element.sourceline, place)

    def text_source(self, element: _Element, place: Place) -> Source:
        """Return the `text` child of an expression; its text is empty where there is none."""
        text = self.child(element, "text")
        if text is None:
            return self.source(element, "", place)
        if len(text):
            self.report(
                "markup-in-text",
                "the text has an XML element inside",
                self.source(text, "", place),
                "write `<` as `&lt;`",
            )
        return self.source(text, text.text or "", place)

    def common(self, element: _Element) -> Common:
        """Return what every DMN element may have, and note its id."""
        description: str | None = None
        extensions: tuple[str, ...] = ()
        for child in element.iterchildren(self._description_tag, self._extensions_tag):
            if child.tag == self._extensions_tag:
                extensions += _serialised(child)
            elif description is None:
                description = child.text or ""
        return Common(
            id=self.id(element),
            label=element.get("label"),
            description=description,
            extensions=extensions,
        )

    def boxed(self, element: _Element, place: Place) -> Boxed:
        """Return what every structured expression has."""
        return Boxed(
            **self.common(element),
            source=self.source(element, "", place),
            type_ref=self.type_ref(element, "typeRef", place),
        )

    def named(self, element: _Element, place: Place) -> Named:
        """Return what every element with a name has; a missing name is reported."""
        name = self.required(element, "name", place)
        return Named(**self.common(element), name=name, source=self.source(element, name, place))

    def id(self, element: _Element) -> str | None:
        """Return the id of an element, and note that it is used."""
        id_ = element.get("id")
        self.ids.append(id_)
        return id_

    def required(self, element: _Element, attribute: str, place: Place) -> str:
        """Return an attribute that must be there; without it the text is empty."""
        value = element.get(attribute)
        if value is None:
            self.report(
                "missing-attribute",
                f"`<{self.local_name(element)}>` has no `{attribute}`",
                self.source(element, "", place),
                f'add `{attribute}="..."`',
            )
            return ""
        return value

    def flag(self, element: _Element, attribute: str) -> bool:
        """Return an attribute of XML's boolean type, false where it is not there."""
        return element.get(attribute, "").strip() in {"true", "1"}

    def choice(
        self,
        element: _Element,
        attribute: str,
        choices: type[Choice],
        default: Choice,
        place: Place,
    ) -> Choice:
        """Return an attribute that is one of a few words; `default` where it is not there."""
        return self.optional_choice(element, attribute, choices, place) or default

    def optional_choice(
        self, element: _Element, attribute: str, choices: type[Choice], place: Place
    ) -> Choice | None:
        """Return an attribute that is one of a few words; None where it is not there.

        Another word is reported, and answered by None.
        """
        written = element.get(attribute)
        known = {choice.value: choice for choice in choices}
        if written is None or written in known:
            return None if written is None else known[written]
        what = _kebab(attribute)
        words = ", ".join(f"`{word}`" for word in known)
        self.report(
            f"unknown-{what}",
            f"unknown {what.replace('-', ' ')} `{written}`",
            self.source(element, written, place),
            self._findings.did_you_mean(written, known) or f"one of {words}",
        )
        return None

    def type_ref(self, element: _Element, attribute: str, place: Place) -> str | None:
        """Return a type reference in normal form, or None where there is none."""
        written = element.get(attribute)
        return None if written is None else self.normal_type(element, written, place)

    def normal_type(self, element: _Element, written: str, place: Place) -> str | None:
        """Return the normal form of a type reference as written; None for a blank one."""
        written = written.strip()
        if ":" not in written:
            return written or None
        normal = self.names.type_ref(written, element.nsmap)
        if normal is None:
            self.report(
                "unknown-prefix",
                f"the type `{written}` is neither FEEL's, nor this model's, nor an import's",
                self.source(element, written, place),
                "declare the prefix, or import the model that has the type",
            )
            return written
        return normal

    def reference(self, element: _Element, place: Place) -> Reference:
        """Return the `href` of an element in its two parts (12.3.2)."""
        written = self.required(element, "href", place).strip()
        document, hash_, id_ = written.rpartition("#")
        source = self.source(element, written, place)
        if element.get("href") is not None and not (hash_ and id_):
            self.report(
                "bad-reference",
                f"the reference `{written}` names no element",
                source,
                "write `#id`, or `namespace#id` for an element of an imported model",
            )
        return Reference(document, id_, source)

    def references(self, element: _Element, local_name: str, place: Place) -> tuple[Reference, ...]:
        """Return the references in the children of one name."""
        return tuple(self.reference(child, place) for child in self.children(element, local_name))

    def expect(self, element: _Element, known: frozenset[str], place: Place) -> None:
        """Warn of DMN children whose name is not among the `known`: a misspelling loses logic."""
        tags = self._tags.setdefault(known, frozenset(map(self.tag, known)))
        for child in element:
            if child.tag in tags:
                continue
            name = self.local_name(child)
            if name is not None:
                self.report(
                    "unknown-element",
                    f"`<{name}>` is no part of `<{self.local_name(element)}>` and is passed over",
                    self.source(child, "", place),
                    self._findings.did_you_mean(name, known),
                    Severity.WARNING,
                )


def _serialised(element: _Element) -> tuple[str, ...]:
    """Return each child as XML text."""
    from lxml import etree

    return tuple(etree.tostring(child, encoding="unicode", with_tail=False) for child in element)


def _kebab(attribute: str) -> str:
    """Return `hitPolicy` as `hit-policy`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in attribute)
