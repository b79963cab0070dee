"""What to ask next: the sets of facts, and interviews at a terminal.

The oracle of a question is two whole records: alike but for the fact asked for, with different
dispositions. The oracle of an interview's end is the determination of what was answered.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import pty
import random
import select
import sys
from functools import cache
from pathlib import Path

import pytest

import medpolicy
from medpolicy import cli
from medpolicy.explain import Style, explain
from medpolicy.interview import UNKNOWN, Interview, Stopped, interview
from medpolicy.questions import next_question, open_lines

ROOT = Path(__file__).resolve().parents[2]
POLICIES = ("cg-surg-106", "ncd-240-4")


def cases(name):
    """Return the requests of a policy's cases that have one line and a determination."""
    found = []
    for file in sorted((ROOT / "policies" / name / "cases").glob("*.json")):
        data = json.loads(file.read_text(encoding="utf-8"))
        for case in data if isinstance(data, list) else data.get("cases", [data]):
            request = case["request"]
            if isinstance(request, dict) and len(request.get("lines") or ()) == 1:
                found.append(request)
    return found


def partial(request, fraction, chance):
    """Return a request with some of its facts, and perhaps of its member, left out."""
    line = request["lines"][0]
    facts = {name: value for name, value in (line.get("facts") or {}).items()
             if chance.random() < fraction}  # fmt: skip
    changed = {**request, "lines": [{**line, "facts": facts}]}
    if chance.random() < 0.5:
        changed.pop("member", None)
    return changed


def values_of(policy, fact):
    """Return values of a fact: all that are listed, or some that tables tell apart."""
    type_ = policy.facts.get(fact)
    if fact == "birth_date":
        return [f"{year}-02-03" for year in (1940, 1980, 1995, 1999, 2001, 2003, 2007)]
    if type_.allowed is not None:
        return list(type_.allowed)
    return [True, False] if type_.type == "boolean" else [0, 1, 2, 3, 5, 10, 14, 15, 20, 30, 40]


def stated(request, fact, value):
    """Return a request with a fact."""
    if fact == "birth_date":
        return {**request, "member": {"birth_date": value}}
    (line,) = request["lines"]
    return {**request, "lines": [{**line, "facts": {**line.get("facts", {}), fact: value}}]}


def typed(value):
    """Return what a person types for a value."""
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def can_matter(policy, request, fact, unknown, chance):
    """Say whether two whole records differ in `fact` alone, and in their disposition."""
    others = [each for each in unknown if each != fact]
    # The facts of the cases first: at random, what few records show is seldom met.
    examples = [*known_cases(policy.metadata.id), *[{}] * 1_000]
    for facts in examples:
        whole = request
        for other in others:
            value = facts.get(other)
            if value is None:
                value = chance.choice(values_of(policy, other))
            whole = stated(whole, other, value)
        dispositions = set()
        for value in values_of(policy, fact):
            (line,) = policy.determine(stated(whole, fact, value)).lines
            dispositions.add(line.disposition)
            if len(dispositions) > 1:
                return True
    return False


@cache
def known_cases(name):
    """Return the facts of the lines of a policy's cases that can be read."""
    found = []
    for request in cases(name):
        facts = request["lines"][0].get("facts")
        try:
            medpolicy.read_request(request, loaded(name).facts)
        except medpolicy.RequestError:
            continue
        found.append(facts or {})
    return found


@cache
def loaded(name):
    return medpolicy.load(ROOT / "policies" / name)


def unknown_facts(policy, request):
    """Return the facts that are not known; without those that only a condition raises."""
    (line,) = request["lines"]
    known = {name for name, value in (line.get("facts") or {}).items() if value is not None}
    found = [name for name in policy.facts if name not in known and name not in policy.open_when]
    born = (request.get("member") or {}).get("birth_date")
    return found + (["birth_date"] if "age" in policy.declared and born is None else [])


class Person:
    """Answers at random, and checks each question that is asked before."""

    def __init__(self, policy, start, chance):
        self.policy, self.chance = policy, chance
        self.interview = Interview(policy, start, self.answer, lambda _: None)
        self.asked = {}

    def answer(self, _):
        held = self.interview.data
        request = self.interview.request
        unanswered = [fact for fact, value in self.asked.items() if value == UNKNOWN]
        fact = next_question(self.policy, request, request.lines[0], unanswered).fact
        assert fact not in self.asked
        unknown = unknown_facts(self.policy, held)
        assert can_matter(self.policy, held, fact, unknown, self.chance), fact
        known = self.chance.random() < 0.8
        value = self.chance.choice(values_of(self.policy, fact)) if known else UNKNOWN
        self.asked[fact] = typed(value)
        return self.asked[fact]


def requests_of(policy, name, chance, count):
    """Return requests of the cases that can be read, less some of their facts."""
    found = []
    for request in chance.sample(cases(name), 3 * count):
        less = partial(request, chance.random(), chance)
        try:
            medpolicy.read_request(less, policy.facts)
        except medpolicy.RequestError:
            continue
        found.append(less)
    return found[:count]


@pytest.mark.parametrize("name", POLICIES)
@pytest.mark.parametrize("seed", range(4))
def test_every_question_can_matter_and_none_is_left_at_the_end(policies, name, seed):
    policy, chance = policies(name), random.Random(seed)
    for start in requests_of(policy, name, chance, 4):
        person = Person(policy, start, chance)
        person.interview.hold()
        if UNKNOWN in person.asked.values():
            continue
        # All that was asked for is known: whatever the rest is, the disposition is the same.
        held = person.interview.data
        (line,) = policy.determine(held).lines
        unknown = unknown_facts(policy, held)
        for _ in range(20):
            whole = held
            for fact in unknown:
                whole = stated(whole, fact, chance.choice(values_of(policy, fact)))
            assert policy.determine(whole).lines[0].disposition == line.disposition


@pytest.mark.parametrize("name", POLICIES)
def test_where_nobody_knows_anything_there_is_no_question(policies, name):
    policy = policies(name)
    for start in requests_of(policy, name, random.Random(5), 12):
        request = medpolicy.read_request(start, policy.facts)
        everything = [*policy.facts, "birth_date"]
        assert next_question(policy, request, request.lines[0], everything) is None


def test_the_best_question_and_the_sets_are_those_of_brute_force(venous, request_of):
    """Iliac vein compression at a known site: two yes-or-no facts are left that matter."""
    facts = {"indication": "iliac vein compression syndrome", "site": "common iliac vein"}
    names = ("lesion confirmed by imaging", "occlusion or thrombosis", "thrombotic", "symptomatic")
    answers = {}
    for world in itertools.product((True, False), repeat=len(names)):
        whole = request_of(facts={**facts, **dict(zip(names, world, strict=True))})
        (line,) = venous.determine(whole).lines
        answers[world] = line.disposition
    settling = {}
    for size in range(1, len(names) + 1):
        for chosen in itertools.combinations(range(len(names)), size):
            groups = {}
            for world, answer in answers.items():
                groups.setdefault(tuple(world[each] for each in chosen), set()).add(answer)
            share = sum(len(each) == 1 for each in groups.values()) / len(groups)
            if share and not any(set(other) < set(chosen) for other in settling):
                settling[chosen] = share
    request = medpolicy.read_request(request_of(facts=facts), venous.facts)
    (line,) = open_lines(venous, request)
    found = {each.facts: each.settles for each in line.could_decide}
    assert found == {
        tuple(names[each] for each in chosen): share for chosen, share in settling.items()
    }
    assert set(line.dispositions) == {str(each) for each in answers.values()}


# --- the commands ---------------------------------------------------------------------


@pytest.fixture
def run(capsys, monkeypatch):
    """Run the command with what is typed; return its status, output and complaints."""

    def run_command(*arguments, typed=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        status = cli.main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run_command


@pytest.fixture
def begun(tmp_path, request_of):
    """A file with a request of which only the indication is known."""
    path = tmp_path / "request.json"
    facts = {"indication": "iliac vein compression syndrome"}
    path.write_text(json.dumps(request_of(facts=facts)), encoding="utf-8")
    return path


POLICY = ROOT / "policies" / "cg-surg-106"


def explained(policy, request, **facts):
    (line,) = request["lines"]
    whole = {**request, "lines": [{**line, "facts": {**line["facts"], **facts}}]}
    return explain(policy, policy.determine(whole), Style())


def test_next_says_what_to_ask(run, begun):
    status, out, err = run("next", POLICY, begun)
    assert (status, err) == (0, "")
    assert "Ask next: Which vessel is treated? (site; " in out
    status, out, err = run("next", POLICY, begun, "--json")
    (line,) = json.loads(out)["lines"]
    assert line["next"]["fact"] == line["would_decide"][0] == "site"
    assert line["next"]["allowed"][0] == "pulmonary artery"
    assert {"facts", "settles"} == line["could_decide"][0].keys()


def test_next_of_a_line_that_is_decided(run, tmp_path, request_of):
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request_of()), encoding="utf-8")
    assert run("next", POLICY, path) == (0, "Line 1  APPROVE: there is nothing more to ask.\n", "")


def test_next_of_what_is_no_request(run, tmp_path):
    path = tmp_path / "request.json"
    path.write_text("[]", encoding="utf-8")
    status, out, err = run("next", POLICY, path)
    assert (status, out) == (2, "")
    assert "is no JSON object" in err or "give one object" in err


def test_an_interview_asks_again_with_the_reason_and_ends_with_the_words(run, begun, venous):
    typed = "common iliac\n29\nperhaps\nYES\nn\n"
    status, out, err = run("interview", POLICY, begun, typed=typed)
    assert (status, err) == (0, "")
    assert "29 common iliac vein" in out
    assert "That is no value that the policy knows; did you mean `common iliac vein`?" in out
    assert "Please answer yes or no." in out
    request = json.loads(begun.read_text(encoding="utf-8"))
    end = explained(
        venous,
        request,
        site="common iliac vein",
        **{"lesion confirmed by imaging": True, "occlusion or thrombosis": False},
    )
    assert out.endswith(f"\n{end}\n")


def test_a_fact_that_nobody_knows_is_asked_for_once(run, begun):
    _, out, _ = run("interview", POLICY, begun, typed="29\n?\nyes\n")
    assert out.count("Has imaging of the vessel shown") == 1
    assert out.count("> ") == 3


def test_without_a_request_its_fields_are_asked_for(run):
    header = "2020\n2020-03-02\n\nhealthy-blue\nmedicaid\nmo\nMO\nCPT\n3723\n37238\nI87.1\n"
    facts = "29\niliac vein compression syndrome\nyes\nno\n"
    status, out, err = run("interview", POLICY, typed=header + facts)
    assert (status, err) == (0, "")
    for said in (
        "That is no date; give it as YYYY-MM-DD.",
        "Every request needs it.",
        "That is no state;",
        "is not in the form of a CPT code",
        "known to the policy: healthy-blue, example-commercial",
    ):
        assert said in out
    assert "Line 1  APPROVE  approve" in out


def test_the_end_of_input_says_what_is_known_so_far(run, begun, venous):
    status, out, err = run("interview", POLICY, begun, typed="29\n")
    assert (status, err) == (0, "")
    request = json.loads(begun.read_text(encoding="utf-8"))
    known = explained(venous, request, site="common iliac vein")
    assert out.endswith(f"Stopped. What is known so far:\n\n{known}\n")


def test_the_end_of_input_before_there_is_a_request(run):
    status, _, err = run("interview", POLICY, typed="2020-03-02\nhealthy-blue\n")
    assert status == 2
    assert err == "medpolicy: stopped before there was a request to determine\n"


def test_a_request_that_cannot_be_read_is_said_before_anything_is_asked(run, tmp_path):
    path = tmp_path / "request.json"
    path.write_text('{"id": "x"}', encoding="utf-8")
    status, out, err = run("interview", POLICY, path)
    assert (status, "> " in out) == (2, False)
    assert "the field `service_date` is missing" in err


def test_a_birth_date_is_asked_for_once_for_all_lines(airway):
    """Of NCD 240.4 and of two lines; nobody knows the age."""
    request = json.loads(
        json.dumps(next(each for each in cases("ncd-240-4") if (each.get("member") or {})))
    )
    request.pop("member")
    (line,) = request["lines"]
    request["lines"] = [{**line, "facts": {}}, {**line, "id": "2", "facts": {}}]
    asked = []

    def ask(_):
        return UNKNOWN

    ended = interview(airway, request, ask, asked.append, Style())
    assert ended
    assert sum("birth" in each for each in asked if each.endswith(")")) <= 1


def test_who_stops_before_the_request_is_known_is_told_nothing(venous):
    def ask(_):
        raise KeyboardInterrupt

    with pytest.raises(Stopped):
        interview(venous, None, ask, lambda _: None, Style())


def test_a_number_is_asked_for_by_its_type(airway):
    """Numbers are typed as such; words are not taken for them."""
    request = next(each for each in cases("ncd-240-4") if each["lines"][0].get("facts"))
    said = []

    def ask(_):
        begun = max(at for at, text in enumerate(said) if not text)
        if "  a number" not in " ".join(said[begun:]):
            return UNKNOWN
        return "30" if "Please answer with a number." in " ".join(said[begun:]) else "many"

    start = {**request, "lines": [{**request["lines"][0], "facts": {}}]}
    interview(airway, start, ask, said.append, Style())
    assert any("Please answer with a number" in each for each in said)


def test_stopped_at_a_real_terminal_by_the_keyboard(begun):
    """Ctrl-C at the second question: what is known so far, status 130, nothing after it."""
    process, terminal = pty.fork()
    if process == 0:  # pragma: no cover  the other process
        arguments = ["-m", "medpolicy", "interview", str(POLICY), str(begun)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "NO_COLOR": "1"}
        os.execve(sys.executable, [sys.executable, *arguments], environment)  # noqa: S606  no shell
    out = b""

    def until(text, again=b""):
        nonlocal out
        while text not in out:
            # A key pressed between a prompt and the reading of its answer may be lost: a person
            # presses it again.
            while again and not select.select([terminal], [], [], 2.0)[0]:
                os.write(terminal, again)
            try:
                more = os.read(terminal, 4096)
            except OSError:  # the terminal is closed when the process has ended
                break
            if not more:
                break
            out += more

    until(b"> ")
    os.write(terminal, b"29\n")
    until(b"yes or no\r\n> ")
    os.write(terminal, b"\x03")
    until(b"decided by pydmn", again=b"\x03")
    until(b"no such text")
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 130
    assert b"Stopped. What is known so far:" in out
    assert b"PEND_INFO" in out
    assert b"Traceback" not in out


def test_a_policy_with_versions_asks_for_the_date_that_chooses_one(run):
    header = "2022-01-02\nexample-advantage\nmedicare\nFL\n\n2022-03-01\nCPT\n71271\nZ87.891\n"
    status, out, err = run("interview", ROOT / "policies" / "ncd-210-14", typed=header)
    assert (status, err) == (0, "")
    assert "What is the processing date?" in out
    assert "ncd-210-14, version 2, " in out
    header = "2022-01-02\nmedicare\nmedicare\n?\nCPT\n71271\nZ87.891\n"
    _, out, _ = run("interview", ROOT / "policies" / "ncd-210-14", typed=header)
    assert "processing date" not in out
    assert "ncd-210-14, version 1, " in out


def test_the_session_of_the_readme_is_a_real_one(run, begun):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    _, _, block = text.partition("```console\n$ medpolicy next policies/cg-surg-106 request.json\n")
    said, _, session = block.partition("```\n")[0].partition(
        "$ medpolicy interview policies/cg-surg-106 request.json\n"
    )
    assert run("next", POLICY, begun)[1] == said
    typed = [line[2:] for line in session.splitlines() if line.startswith("> ")]
    _, out, _ = run("interview", POLICY, begun, typed="\n".join(typed) + "\n")
    first, *others = out.split("> ")
    echoed = zip(typed, others, strict=True)
    held = first + "".join(f"> {answer}\n{rest}" for answer, rest in echoed)
    # The last lines have the policy's hash, which every edit of it changes.
    assert held.splitlines()[:-2] == session.splitlines()[:-2]
