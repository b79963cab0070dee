// Opens a DMN file in dmn-js, makes the edits asked for, and saves it.
//
//   node modeler.mjs [--screenshot FILE.png] < job.json > answer.json
//
// The job:
//   {"xml": "<definitions ...>",
//    "edits": [{"kind": "cell",    "element": ENTRY_ID, "text": "..."},
//              {"kind": "rule",    "decision": DECISION_ID, "index": 0, "cells": ["...", ...]},
//              {"kind": "literal", "decision": DECISION_ID, "text": "..."}],
//    "show": DECISION_ID}                          (optional: the view left open at the end)
// The answer:
//   {"warnings": [...], "views": [{"id", "name", "type"}], "rules": [RULE_ID, ...], "xml": "..."}
// `warnings` are those of the import and of the first opening of each view, in the order they
// came; `rules` are the ids that the modeler gave to the rules added, in the order of the edits. A rule's cells are its
// input entries, then its output entries, left to right. A fault of the job ends with status 1
// and the reason on standard error.

import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { chromium } from "playwright-core";

const HERE = dirname(fileURLToPath(import.meta.url));
const BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const BROWSER_FLAGS = [
  "--no-sandbox", // Chromium refuses to start as root with its sandbox on
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  "--disable-background-networking",
  "--disable-component-update",
  "--no-first-run",
];

function browserPath() {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const places = BROWSERS.flatMap((name) => folders.map((folder) => join(folder, name)));
  const path = process.env.CHROMIUM ?? places.find(existsSync);
  if (!path) throw new Error(`no browser: none of ${BROWSERS.join(", ")} is on the PATH`);
  return path;
}

async function standardInput() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

// Runs inside the page, so it sees nothing of this file.
async function edit({ xml, edits = [], show }) {
  const modeler = new globalThis.DmnJS({ container: "#canvas" });
  const warnings = [];
  const rules = [];
  const keep = (result) => warnings.push(...result.warnings.map((warning) => warning.message));

  const viewOf = (id) => {
    const view = modeler.getViews().find((each) => each.element.id === id);
    if (!view) throw new Error(`no view of ${id}`);
    return view;
  };
  const decisionOf = (entryId) => {
    for (const { element } of modeler.getViews()) {
      for (const rule of element.decisionLogic?.rule ?? []) {
        const entries = [...(rule.inputEntry ?? []), ...(rule.outputEntry ?? [])];
        if (entries.some((entry) => entry.id === entryId)) return element.id;
      }
    }
    throw new Error(`no cell ${entryId} in a decision table`);
  };
  // Not kept: a view opened a second time warns of its own first opening.
  const open = async (id) => {
    await modeler.open(viewOf(id));
    return modeler.getActiveViewer();
  };

  const kinds = {
    async cell({ element, text }) {
      const viewer = await open(decisionOf(element));
      const cell = viewer.get("elementRegistry").get(element);
      viewer.get("modeling").editCell(cell.businessObject, text);
    },
    async rule({ decision, index, cells }) {
      const viewer = await open(decision);
      const modeling = viewer.get("modeling");
      modeling.addRow({ type: "dmn:DecisionRule" }, index);
      const row = viewer.get("sheet").getRoot().rows[index];
      if (row.cells.length !== cells.length) {
        throw new Error(`${decision} has ${row.cells.length} columns, ${cells.length} cells given`);
      }
      cells.forEach((text, column) => modeling.editCell(row.cells[column].businessObject, text));
      rules.push(row.businessObject.id);
    },
    async literal({ decision, text }) {
      const viewer = await open(decision);
      viewer.get("modeling").editLiteralExpressionText(text);
    },
  };

  keep(await modeler.importXML(xml, { open: false }));
  const views = [];
  for (const view of modeler.getViews()) {
    keep(await modeler.open(view));
    views.push({ id: view.element.id, name: view.element.name ?? null, type: view.type });
  }
  for (const each of edits) {
    if (!Object.hasOwn(kinds, each.kind)) throw new Error(`no such edit: ${each.kind}`);
    await kinds[each.kind](each);
  }
  if (show) await open(show);
  return { warnings, views, rules, xml: (await modeler.saveXML({ format: true })).xml };
}

async function run(job, screenshot) {
  const browser = await chromium.launch({ executablePath: browserPath(), args: BROWSER_FLAGS });
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
    await page.goto(pathToFileURL(join(HERE, "modeler.html")).href);
    const answer = await page.evaluate(edit, job);
    if (screenshot) await page.screenshot({ path: screenshot });
    return answer;
  } finally {
    await browser.close();
  }
}

try {
  const { values } = parseArgs({ options: { screenshot: { type: "string" } } });
  const answer = await run(JSON.parse(await standardInput()), values.screenshot);
  process.stdout.write(JSON.stringify(answer));
} catch (error) {
  process.stderr.write(`modeler.mjs: ${error.message}\n`);
  process.exitCode = 1;
}
