"""Which XML namespaces are DMN, and how the names in a model are written down (7.3.1, 12.3).

The normal form of a type reference is the name as FEEL sees it:

- a FEEL type or a type of the model itself: its name alone (`string`, `tPerson`),
- a type of an imported model: the import's name, a dot, its name (`lib.tPerson`).

DMN 1.2 and later write it so. DMN 1.1 writes an XML QName (`feel:string`, `ns1:tPerson`), and
its imports have no name: the prefix bound to the import's namespace serves as one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

MODEL_VERSIONS: Mapping[str, str] = MappingProxyType(
    {
        "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
        # Early tools of DMN 1.1 write its namespace in these two ways.
        "http://www.omg.org/spec/DMN/20151101/dmn11.xsd": "1.1",
        "http://www.omg.org/spec/DMN/20151101": "1.1",
        "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
        "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
        "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
        "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
        "https://www.omg.org/spec/DMN/20240513/MODEL/": "1.6",
    }
)
_MODEL = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/MODEL/?")
_FEEL = re.compile(r"https?://www\.omg\.org/spec/(DMN/\d{8}/)?FEEL(/\d{8})?/?")
_DIAGRAM = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/DMNDI/?")


def model_version(namespace: str) -> str | None:
    """Return the DMN version of an XML namespace, or None when it is not DMN.

    A dated namespace of the OMG that this module does not list is `"unknown"`.
    """
    version = MODEL_VERSIONS.get(namespace)
    if version is None and _MODEL.fullmatch(namespace):
        return "unknown"
    return version


def is_feel(namespace: str) -> bool:
    """Return whether `namespace` is FEEL's, of any version."""
    return _FEEL.fullmatch(namespace) is not None


def is_diagram(namespace: str) -> bool:
    """Return whether `namespace` is the diagram interchange's, of any version."""
    return _DIAGRAM.fullmatch(namespace) is not None


class Names:
    """The names of one file: its own namespace and its imports'.

    `imports` maps an imported namespace to the import's name.
    """

    def __init__(self, namespace: str, imports: Mapping[str, str]) -> None:
        self.namespace = namespace
        self.imports = imports

    def type_ref(self, written: str, prefixes: Mapping[str | None, str]) -> str | None:
        """Return the normal form of a type reference, or None when its prefix says nothing.

        `prefixes` are the XML prefixes in scope.
        """
        prefix, colon, local = written.partition(":")
        if not colon:
            return written
        namespace = prefixes.get(prefix)
        if namespace is None:
            return None
        if namespace == self.namespace or is_feel(namespace):
            return local
        name = self.imports.get(namespace)
        if name is None:
            return None
        return f"{name}.{local}" if name else local
