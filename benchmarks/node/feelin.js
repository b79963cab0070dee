// feelin is a FEEL interpreter and has no decision tables. One table (the guideline) is decided
// rule by rule here: each cell as unary tests, each result as an expression.
//
// Speaks the protocol of the benchmark's contestants; see benchmarks/worker.py.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { performance } from "node:perf_hooks";

import { evaluate, unaryTest } from "feelin";

let table;
let records = [];
let next = 0;
let last; // every result goes here, so that the decision cannot be left out

const literal = (value) => JSON.stringify(value);

function unaryTests(cell) {
  if (cell === null) return "-";
  const [kind, ...values] = cell;
  switch (kind) {
    case "in":
      return values.map(literal).join(",");
    case "interval":
      return `[${values[0]}..${values[1]})`;
    case "at least":
      return `>= ${values[0]}`;
    case "below":
      return `< ${values[0]}`;
    default:
      throw new Error(`no cell: ${kind}`);
  }
}

function load(folder) {
  const workload = JSON.parse(readFileSync(join(folder, "workload.json"), "utf8"));
  const [step, ...others] = workload.steps;
  if (others.length || step.hit !== "FIRST") {
    return { refused: "only one table with the hit policy FIRST is made of unary tests here" };
  }
  table = {
    inputs: step.inputs.map(([name]) => name),
    outputs: step.outputs.map(([name]) => name),
    rules: step.rules.map(([cells, results]) => ({
      tests: cells.map(unaryTests),
      results: results.map(literal),
    })),
  };
  records = workload.records;
  return { ok: true };
}

function decide(record) {
  const values = table.inputs.map((name) => record[name]);
  const hit = table.rules.find(({ tests }) =>
    tests.every((test, column) => unaryTest(test, { ...record, "?": values[column] }).value === true),
  );
  if (hit === undefined) return null;
  const results = hit.results.map((text) => evaluate(text, record).value);
  return results.length === 1
    ? results[0]
    : Object.fromEntries(table.outputs.map((name, column) => [name, results[column]]));
}

function seconds(calls) {
  const start = performance.now();
  for (let call = 0; call < calls; call++) {
    last = decide(records[next]);
    next = (next + 1) % records.length;
  }
  return (performance.now() - start) / 1000;
}

function reply(message) {
  switch (message.do) {
    case "load":
      return load(message.folder);
    case "answer":
      return { answers: records.map(decide) };
    case "time":
      return { seconds: seconds(message.calls) };
    default:
      throw new Error(`the protocol has no ${message.do}`);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(reply(JSON.parse(line)))}\n`);
}
