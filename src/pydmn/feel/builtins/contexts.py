"""Context functions (DMN 1.5, 10.3.4.10, Table 81)."""

from __future__ import annotations

from pydmn.feel.budget import charge_items
from pydmn.feel.builtins.declare import Context, builtin
from pydmn.feel.values import Value
from pydmn.run import Run


@builtin("get value")
def get_value(run: Run, m: Context, key: str) -> Value:
    """Return the entry `key`; null when there is none."""
    if key not in m:
        run.note("no-member", f"the context has no entry `{key}`")
        return None
    return m[key]


@builtin("get entries")
def get_entries(run: Run, m: Context) -> list[Value]:
    """Return a context with `key` and `value` for each entry."""
    charge_items(run, len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context")
def context(run: Run, entries: list[Value]) -> Context | None:
    """Make a context of contexts that have `key` and `value`; the keys are distinct."""
    charge_items(run, len(entries))
    result: Context = {}
    for entry in entries:
        if not isinstance(entry, dict) or "value" not in entry:
            run.note("domain", "an entry of `context` is a context with `key` and `value`")
            return None
        key = entry.get("key")
        if not isinstance(key, str) or key in result:
            run.note("domain", "the keys of `context` are distinct strings")
            return None
        result[key] = entry["value"]
    return result


@builtin("context put")
def context_put(run: Run, context: Context, key: str, value: Value) -> Context:
    """Return the context with one entry set; an entry that was there keeps its place."""
    charge_items(run, len(context) + 1)
    return context | {key: value}


@builtin("context put")
def context_put_at(run: Run, context: Context, keys: list[str], value: Value) -> Context | None:
    """Return the context with an entry set in the contexts that `keys` lead to."""
    if not keys or not all(isinstance(key, str) for key in keys):
        run.note("domain", "`keys` of `context put` is a list of one string or more")
        return None
    path = [context]
    for key in keys[:-1]:
        inner = path[-1].get(key)
        if not isinstance(inner, dict):
            run.note("no-member", f"`context put`: there is no context `{key}`")
            return None
        path.append(inner)
    result: Value = value
    for outer, key in zip(reversed(path), reversed(keys), strict=True):
        charge_items(run, len(outer) + 1)
        result = outer | {key: result}
    made: Context = result
    return made


@builtin("context merge")
def context_merge(run: Run, contexts: list[Value]) -> Context | None:
    """Return a context with all entries; a later one replaces an earlier of its name."""
    result: Context = {}
    for context in contexts:
        if not isinstance(context, dict):
            run.note("domain", "`context merge` takes a list of contexts")
            return None
        charge_items(run, len(context))
        result |= context
    return result
