"""A BPMN process routes requests by their disposition, saved and restored on the way.

The dispositions expected are those of the policy's own cases, which argue each from the text.
"""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from SpiffWorkflow.bpmn.exceptions import WorkflowTaskException
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine, TaskDataEnvironment
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import VALIDATOR
from SpiffWorkflow.util.task import TaskState

import medpolicy
import pydmn
from medpolicy import codes
from medpolicy.codes import CodeStatus, CodeSystem
from pydmn.integrations.spiffworkflow import DecisionParser, config

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
POLICY = ROOT / "policies" / "cg-surg-106"
KEY = "cg-surg-106@2020-02-05"

# The task that a person has to do, by the disposition that the process routes by.
ROUTES = {
    "APPROVE": "approve",
    "CLINICAL_REVIEW": "review",
    "PEND_INFO": "ask",
    "CODING_ERROR": "correct",
    "NOT_APPLICABLE": "pass",
    "NO_REVIEW_REQUIRED": "pass",
}
CASES = {
    case["id"]: case
    for file in sorted((POLICY / "cases").glob("*.json"))
    for case in json.loads(file.read_text(encoding="utf-8"))
    if len(case["request"].get("lines", ())) == 1 and "lines" in case["expect"]
}
CHOSEN = [
    "d-approve-common-iliac",  # APPROVE
    "o-any-state",
    "d-review-imaging-false",  # CLINICAL_REVIEW
    "inv-a-site-stated",
    "m-no-diagnosis",  # PEND_INFO, by a rule
    "d-pend-imaging-unknown",  # PEND_INFO, since a fact is open
    "m-nothing-known",
    "f1-pend-age-unknown",
    "n-unknown-pcs",  # CODING_ERROR
    "n-second-pointer-invalid",
    "p-arterial-stent",  # NOT_APPLICABLE
    "o-precedence-layer",
    "o-day-before-effective",  # NO_REVIEW_REQUIRED
    "o-education-only",
]


@pytest.fixture(scope="module")
def policy() -> medpolicy.Policy:
    return medpolicy.load(POLICY)


@pytest.fixture(scope="module")
def models(policy) -> dict[str, pydmn.Model]:
    return {KEY: policy.model}


@pytest.fixture(scope="module")
def script_engine(policy) -> PythonScriptEngine:
    """Return the engine of the process's scripts, which may ask what is still open."""

    def open_facts(line: Mapping[str, Any]) -> list[str]:
        unknown = [name for name in (*policy.facts, "age") if line.get(name) is None]
        known = {name: value for name, value in line.items() if name not in unknown}
        possible = policy.model.possible(["Disposition"], known, policy.open_when, unknown)
        return [each.name for each in possible.deciding("Disposition", "disposition")]

    return PythonScriptEngine(environment=TaskDataEnvironment({"open_facts": open_facts}))


def inputs_of(policy: medpolicy.Policy, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the inputs of the policy's decisions for a request of one line."""
    read = medpolicy.read_request(request, policy.facts)
    (line,) = read.lines
    day, plan, code = read.service_date, read.plan, line.procedure.code

    def valid(system: CodeSystem, code: str) -> bool:
        return codes.status(system, code, day) in {CodeStatus.VALID, CodeStatus.NO_TABLE}

    def after_review(code: str) -> bool:
        windows = codes.windows(CodeSystem.ICD_10_CM, code)
        return bool(windows) and all(each.start > policy.dates.last_review for each in windows)

    return {
        "in force": policy.dates.in_force(day),
        "adoption": policy.adoption_on(plan.name, plan.line_of_business, plan.state, day),
        "precedence": policy.governing(plan.name, plan.state, code, day),
        "procedure code": code,
        "procedure status": "valid" if valid(line.procedure.system, code) else "not valid",
        "request procedures": list(read.procedures),
        "diagnoses": list(line.diagnoses),
        "invalid diagnoses": [
            each for each in line.diagnoses if not valid(CodeSystem.ICD_10_CM, each)
        ],
        "new diagnoses": [each for each in line.diagnoses if after_review(each)],
        "line of business": plan.line_of_business,
        "age": read.age,
        **policy.parameters,
        **line.facts,
    }


def started(models, script_engine, line: Mapping[str, Any]) -> BpmnWorkflow:
    parser = DecisionParser(models, validator=VALIDATOR)  # it is BPMN by the standard's schema
    parser.add_bpmn_file(str(HERE / "review.bpmn"))
    workflow = BpmnWorkflow(parser.get_spec("answer-a-line"), script_engine=script_engine)
    workflow.get_next_task(state=TaskState.READY).data["line"] = dict(line)
    return workflow


def through_json(workflow: BpmnWorkflow, models, script_engine=None) -> BpmnWorkflow:
    """Return the workflow as another process would restore it, from text."""
    saved = serializer(models).serialize_json(workflow)
    restored = serializer(models).deserialize_json(saved)
    if script_engine is not None:
        restored.script_engine = script_engine
    return restored


def serializer(models) -> BpmnWorkflowSerializer:
    return BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(config(models)))


def waiting(workflow: BpmnWorkflow) -> Any:
    """Return the one task that waits for a person."""
    (task,) = workflow.get_tasks(state=TaskState.READY, manual=True)
    return task


# --- routing --------------------------------------------------------------------------


@pytest.mark.parametrize("case_id", CHOSEN)
def test_a_request_goes_where_its_disposition_sends_it(case_id, policy, models, script_engine):
    case = CASES[case_id]
    (expected,) = case["expect"]["lines"]
    workflow = started(models, script_engine, inputs_of(policy, case["request"]))
    while not workflow.get_tasks(state=TaskState.READY, manual=True):
        workflow.get_next_task(state=TaskState.READY).run()
        workflow = through_json(workflow, models, script_engine)

    assert waiting(workflow).task_spec.bpmn_id == ROUTES[expected["disposition"]]


def test_the_chosen_cases_have_every_disposition():
    chosen = {CASES[each]["expect"]["lines"][0]["disposition"] for each in CHOSEN}
    assert chosen == ROUTES.keys()


def test_a_pended_request_goes_on_when_the_answer_comes(policy, models, script_engine):
    workflow = started(
        models, script_engine, inputs_of(policy, CASES["d-pend-imaging-unknown"]["request"])
    )
    workflow.do_engine_steps()
    workflow = through_json(workflow, models, script_engine)
    task = waiting(workflow)
    assert task.task_spec.bpmn_id == "ask"
    assert task.data["missing"] == ["lesion confirmed by imaging"]

    task.data["line"] = {**task.data["line"], "lesion confirmed by imaging": True}
    task.run()
    workflow.do_engine_steps()
    workflow = through_json(workflow, models, script_engine)
    assert waiting(workflow).task_spec.bpmn_id == "approve"
    assert waiting(workflow).data["answer"]["disposition"] == "APPROVE"

    waiting(workflow).run()
    workflow.do_engine_steps()
    assert workflow.completed


def test_an_answer_takes_the_place_of_the_one_before(policy, models, script_engine):
    line = inputs_of(policy, CASES["m-no-diagnosis"]["request"])
    workflow = started(models, script_engine, line)
    workflow.do_engine_steps()
    task = waiting(workflow)
    assert task.data["answer"]["ask"] == ["diagnoses"]
    assert task.data["answer"]["register"] == [Decimal(33)]

    task.data["line"] = {**task.data["line"], "diagnoses": ["I87.1"]}
    task.run()
    workflow.do_engine_steps()
    answer = waiting(workflow).data["answer"]
    assert answer["disposition"] == "APPROVE"
    assert answer["ask"] is None
    assert answer["register"] == [Decimal(1), Decimal(32)]  # the rule's own, none left over


def test_the_rules_hit_are_kept_with_the_task(policy, models, script_engine):
    request = CASES["d-approve-common-iliac"]["request"]
    workflow = started(models, script_engine, inputs_of(policy, request))
    workflow.do_engine_steps()
    workflow = through_json(workflow, models, script_engine)
    (decided,) = workflow.get_tasks(spec_name="decide")

    kept = decided.internal_data["decision"]
    assert kept["model"] == KEY
    assert kept["rules"]["Disposition"] == ["disposition-approve"]
    assert kept["diagnostics"] == []


# --- small processes ------------------------------------------------------------------

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core"'
    ' targetNamespace="urn:test"'
)


def process(reference: str | None, **properties: str) -> str:
    """Return a process of one business rule task."""
    called = (
        ""
        if reference is None
        else (f"<spiffworkflow:calledDecisionId>{reference}</spiffworkflow:calledDecisionId>")
    )
    entries = "".join(
        f'<spiffworkflow:property name="{name}" value="{value}"/>'
        for name, value in properties.items()
    )
    return f"""<definitions {NAMESPACES}><process id="p" isExecutable="true">
      <startEvent id="start"><outgoing>a</outgoing></startEvent>
      <sequenceFlow id="a" sourceRef="start" targetRef="decide"/>
      <businessRuleTask id="decide"><extensionElements>{called}
        <spiffworkflow:properties>{entries}</spiffworkflow:properties>
      </extensionElements><incoming>a</incoming><outgoing>b</outgoing></businessRuleTask>
      <sequenceFlow id="b" sourceRef="decide" targetRef="end"/>
      <endEvent id="end"><incoming>b</incoming></endEvent></process></definitions>"""


def dmn(expression: str, name: str = "Fee", hit: str = "") -> pydmn.Model:
    """Return a model of the decision `name` with the input `days`."""
    logic = hit or f"<literalExpression><text>{expression}</text></literalExpression>"
    return pydmn.load(
        f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="m" name="m"
        namespace="urn:m"><inputData id="days" name="days"><variable name="days"/></inputData>
        <decision id="fee-decision" name="{name}"><variable name="{name}"/><informationRequirement>
        <requiredInput href="#days"/></informationRequirement>{logic}</decision>
        </definitions>""".encode()
    )


def ran(models, data: Mapping[str, Any], reference: str, **properties: str) -> dict[str, Any]:
    """Return the data of the one task once it has run."""
    parser = DecisionParser(models)
    parser.add_bpmn_str(process(reference, **properties).encode())
    workflow = BpmnWorkflow(parser.get_spec("p"))
    workflow.get_next_task(state=TaskState.READY).data.update(data)
    workflow = through_json(workflow, models)
    workflow.do_engine_steps()
    return through_json(workflow, models).data


@pytest.mark.parametrize(
    ("reference", "properties", "data", "expected"),
    [
        ("Fee", {}, {"days": 3}, {"days": 3, "Fee": Decimal("7.5")}),
        ("fee-decision", {}, {"days": 3}, {"days": 3, "Fee": Decimal("7.5")}),
        ("loans#Fee", {"resultVariable": "fee"}, {"days": 2}, {"days": 2, "fee": Decimal("5.0")}),
        (
            " Fee ",
            {"inputVariable": "loan", "resultVariable": "fee"},
            {"loan": {"days": 2}},
            {"loan": {"days": 2}, "fee": Decimal("5.0")},
        ),
        ("Fee", {"resultVariable": "days"}, {"days": 2}, {"days": Decimal("5.0")}),
        ("Fee", {}, {}, {"Fee": None}),  # an input that is not there is null
    ],
)
def test_where_inputs_come_from_and_the_answer_goes(reference, properties, data, expected):
    assert ran({"loans": dmn("days * 2.5")}, data, reference, **properties) == expected


PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0.1 + 0.2", Decimal("0.3")),
        ('date("2020-02-05")', datetime.date(2020, 2, 5)),
        ('time("10:30:00.5")', datetime.time(10, 30, 0, 500_000)),
        (
            'date and time("2020-02-05T10:30:00@Europe/Paris")',
            datetime.datetime(2020, 2, 5, 10, 30, tzinfo=PARIS),
        ),
        ('duration("PT0.000001S")', datetime.timedelta(microseconds=1)),
        ('duration("-P1DT1S")', datetime.timedelta(days=-1, seconds=-1)),
        ('duration("P1Y2M")', pydmn.YearsAndMonthsDuration(14)),
        ('date("123456-01-02")', pydmn.Date(123_456, 1, 2)),
        ('time("10:00:00@Europe/Paris")', pydmn.Time(36_000 * 10**9, zone="Europe/Paris")),
        ('duration("PT0.000000001S")', pydmn.DaysAndTimeDuration(1)),
        (
            'date and time("2020-02-05T00:00:00.000000001")',
            pydmn.DateTime(pydmn.Date(2020, 2, 5), pydmn.Time(1)),
        ),
        ("[1..2.5)", pydmn.Range(Decimal(1), Decimal("2.5"), high_closed=False)),
        ("{a: [1, null], b: true}", {"a": [Decimal(1), None], "b": True}),
    ],
)
def test_every_kind_of_answer_survives_the_text(expression, expected):
    value = ran({"m": dmn(expression.replace("<", "&lt;"))}, {}, "Fee")["Fee"]
    assert value == expected
    assert type(value) is type(expected)
    assert getattr(value, "tzinfo", None) == getattr(expected, "tzinfo", None)


def test_the_second_passing_of_a_repeated_hour_survives_the_text():
    second = datetime.datetime(2020, 10, 25, 2, 30, tzinfo=PARIS, fold=1)
    workflow = ran({"m": dmn("days")}, {"days": second}, "Fee")["Fee"]
    assert workflow.fold == 1
    assert workflow.utcoffset() == datetime.timedelta(hours=1)


# --- what goes wrong ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        (None, "the business rule task names no decision: set its `calledDecisionId`"),
        ("Fees", "no model has `Fees`; did you mean `Fee`?"),
        ("Fee", "several models have `Fee`: name `fines#Fee` or `loans#Fee`"),
        ("lones#Fee", "there is no model `lones`; there is `fines`, `loans`"),
        ("loans#Zebra", "no model has `Zebra`"),
        ("loans#days", "no model has `days`"),
    ],
)
def test_a_decision_that_is_not_there_is_said_before_anything_runs(reference, message):
    parser = DecisionParser({"loans": dmn("1"), "fines": dmn("2")})
    parser.add_bpmn_str(process(reference).encode())
    with pytest.raises(ValidationException) as caught:
        parser.get_spec("p")
    assert str(caught.value).startswith(message)
    assert caught.value.id == "decide"


def test_a_decision_that_cannot_run_is_said_before_anything_runs():
    parser = DecisionParser({"m": dmn("1 +")})
    parser.add_bpmn_str(process("Fee").encode())
    with pytest.raises(ValidationException):
        parser.get_spec("p")


@pytest.mark.parametrize("key", ["", "a#b"])
def test_a_key_must_be_one_that_a_process_can_write(key):
    with pytest.raises(ValueError, match="without `#`"):
        DecisionParser({key: dmn("1")})
    with pytest.raises(ValueError, match="without `#`"):
        serializer({key: dmn("1")})


def test_inputs_that_are_no_mapping_stop_the_task():
    with pytest.raises(WorkflowTaskException, match="`loan` is to hold the inputs of `Fee`"):
        ran({"m": dmn("1")}, {"loan": 3}, "Fee", inputVariable="loan")


def saved_process(models) -> str:
    parser = DecisionParser(models)
    parser.add_bpmn_str(process("Fee").encode())
    return serializer(models).serialize_json(BpmnWorkflow(parser.get_spec("p")))


def test_a_workflow_is_not_restored_without_its_model():
    saved = saved_process({"loans-1": dmn("1")})
    with pytest.raises(pydmn.ModelError, match="model `loans-1`; there is `loans-2`"):
        serializer({"loans-2": dmn("2")}).deserialize_json(saved)


def test_a_workflow_is_not_restored_with_a_model_that_lacks_the_decision():
    saved = saved_process({"loans": dmn("1")})
    with pytest.raises(pydmn.UnknownName, match="no `Fee`"):
        serializer({"loans": dmn("1", name="Fine")}).deserialize_json(saved)


def test_a_task_that_another_engine_saved_is_not_restored():
    saved = json.loads(saved_process({"loans": dmn("1")}))
    del saved["spec"]["task_specs"]["decide"]["decision"]
    with pytest.raises(pydmn.ModelError, match=r"another engine than pydmn saved .* `decide`"):
        serializer({"loans": dmn("1")}).deserialize_json(json.dumps(saved))


def test_a_violated_hit_policy_is_null_and_kept_as_a_diagnostic():
    rule = (
        "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>{}</text></outputEntry>"
        "</rule>"
    )
    table = (
        '<decisionTable hitPolicy="UNIQUE"><input><inputExpression><text>days</text>'
        f"</inputExpression></input><output/>{rule.format(1)}{rule.format(2)}</decisionTable>"
    )
    models = {"m": dmn("", hit=table)}
    parser = DecisionParser(models)
    parser.add_bpmn_str(process("Fee").encode())
    workflow = BpmnWorkflow(parser.get_spec("p"))
    workflow.do_engine_steps()
    assert workflow.data["Fee"] is None
    (decided,) = workflow.get_tasks(spec_name="decide")
    assert len(decided.internal_data["decision"]["diagnostics"]) == 1


HIDE = """
import sys
class Hidden:
    def find_spec(name, path, target=None):
        if name == {0!r}:
            raise ModuleNotFoundError("No module named " + name, name=name)
sys.meta_path.insert(0, Hidden)
"""


def python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in an interpreter of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.parametrize(
    ("hidden", "expected"),
    [
        ("SpiffWorkflow", "pip install 'SpiffWorkflow>=3.2'"),
        ("SpiffWorkflow.spiff", "No module named SpiffWorkflow.spiff"),
    ],
)
def test_without_spiffworkflow_the_import_says_what_to_install(hidden, expected):
    """Only its absence is explained so: another error of the import comes through."""
    done = python(HIDE.format(hidden) + "import pydmn.integrations.spiffworkflow")
    assert done.returncode == 1
    assert expected in done.stderr.splitlines()[-1]


def test_pydmn_itself_imports_nothing_of_spiffworkflow():
    done = python("import sys, pydmn; print('SpiffWorkflow' in sys.modules)")
    assert done.stdout == "False\n"
