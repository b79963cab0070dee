"""The files of a model: which are read, from where, and how much of them."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from dmn_text import NAMESPACE, decision, literal, model

import pydmn
from pydmn import Limits
from pydmn.errors import LimitExceeded, ModelError


def importing(namespace: str, name: str) -> str:
    return f'<import name="{name}" namespace="{namespace}" importType="{NAMESPACE}"/>'


def using(name: str, href: str) -> str:
    """Return a decision `D` that is one more than an imported one."""
    return decision("D", literal(f"{name} + 1"), decisions=("X",)).replace('"#X"', f'"{href}"')


ONE = model(decision("One", literal("1")), name="one", namespace="urn:one")
TWO = model(
    importing("urn:one", "one"),
    using("one.One", "urn:one#One"),
    name="two",
    namespace="urn:two",
)


def test_no_file_is_an_error(tmp_path: Path) -> None:
    for nothing in ([], tmp_path):
        with pytest.raises(ModelError, match="there is no DMN file"):
            pydmn.load(nothing)


def test_a_folder_is_its_files_by_name(tmp_path: Path) -> None:
    (tmp_path / "a.dmn").write_bytes(TWO)
    (tmp_path / "b.dmn").write_bytes(ONE)
    (tmp_path / "notes.txt").write_text("no model", encoding="utf-8")
    loaded = pydmn.load(tmp_path)
    assert loaded.definitions.name == "two"
    assert loaded.evaluate("D").value == 2
    assert loaded.evaluate("one.One").value == 1


def test_imports_are_found_beside_the_main_file(tmp_path: Path) -> None:
    """Directly or not; what nobody imports is left alone, and so is what is no model."""
    three = model(importing("urn:two", "two"), using("two.D", "urn:two#D"), namespace="urn:three")
    (tmp_path / "a one.dmn").write_bytes(ONE)
    (tmp_path / "b three.dmn").write_bytes(three)
    (tmp_path / "c two.dmn").write_bytes(TWO)
    (tmp_path / "d other.dmn").write_bytes(model(namespace="urn:other"))
    (tmp_path / "e broken.dmn").write_bytes(b"<")
    loaded = pydmn.load(tmp_path / "b three.dmn")
    assert loaded.diagnostics == ()
    assert loaded.evaluate("D").value == 3
    assert set(loaded.models.models) == {"urn:three", "urn:two", "urn:one"}


def test_an_import_without_a_name_brings_its_elements_by_their_own() -> None:
    """DMN 1.5, 6.3.3: an empty name imports into the default namespace."""
    main = model(importing("urn:one", ""), using("One", "urn:one#One"), namespace="urn:main")
    loaded = pydmn.load([main, ONE])
    assert loaded.evaluate("D").value == 2
    assert loaded.evaluate("One").value == 1


def test_the_size_of_a_file_is_limited_exactly(tmp_path: Path) -> None:
    path = tmp_path / "one.dmn"
    path.write_bytes(ONE)
    assert pydmn.load(path, limits=Limits(model_bytes=len(ONE))).evaluate("One").value == 1
    with pytest.raises(LimitExceeded, match="limit `model_bytes` exceeded"):
        pydmn.load(path, limits=Limits(model_bytes=len(ONE) - 1))


@pytest.mark.parametrize(
    "data",
    [b"<html/>", b"<definitions/>", b"<definitions", b"", b"\xff\xfe\x00", b"plain text"],
)
def test_what_is_no_model_says_so_at_once(data: bytes) -> None:
    with pytest.raises(ModelError) as caught:
        pydmn.load([ONE, data])
    assert caught.value.diagnostics
    assert str(caught.value) == caught.value.diagnostics[0].message


def test_the_message_is_of_the_file_that_is_no_model(tmp_path: Path) -> None:
    """Another file may have errors too: it is a model all the same."""
    (tmp_path / "a.dmn").write_bytes(model("<decision/>"))
    (tmp_path / "b.dmn").write_bytes(b"<html/>")
    with pytest.raises(ModelError) as caught:
        pydmn.load(tmp_path)
    found = caught.value.diagnostics
    assert [Path(each.source.file or "").name for each in found] == ["a.dmn", "b.dmn"]
    assert str(caught.value) == found[1].message


def test_what_is_wrong_with_an_import_that_is_found_is_said(tmp_path: Path) -> None:
    (tmp_path / "main.dmn").write_bytes(TWO)
    (tmp_path / "one.dmn").write_bytes(ONE.replace(b"</definitions>", b"<lost/></definitions>"))
    loaded = pydmn.load(tmp_path / "main.dmn")
    assert loaded.evaluate("D").value == 2
    [found] = loaded.diagnostics
    assert found.code == "unknown-element"
    assert Path(found.source.file or "").name == "one.dmn"


def test_a_model_travels_with_what_it_imports(tmp_path: Path) -> None:
    """Where it arrives there is no such folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "main.dmn").write_bytes(TWO)
    (folder / "one.dmn").write_bytes(ONE.replace(b"</definitions>", b"<lost/></definitions>"))
    loaded = pydmn.load(folder / "main.dmn")
    sent = pickle.dumps(loaded)
    folder.rename(tmp_path / "elsewhere")
    arrived = pickle.loads(sent)  # noqa: S301  our own bytes
    assert arrived.evaluate("D").value == 2
    assert arrived.names == loaded.names
    assert arrived.diagnostics == loaded.diagnostics
