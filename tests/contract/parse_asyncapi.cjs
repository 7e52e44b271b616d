// Prints what the official AsyncAPI parser finds in documents, as JSON: one {understood, found} for each, in their order;
// found is [{severity, code, message, path}]. Severity 0 is an error, 1 a warning.
// Arguments: the folder whose node_modules holds the parser, the documents.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const [folder, ...paths] = process.argv.slice(2);
const { Parser } = createRequire(join(folder, "package.json"))("@asyncapi/parser");

async function judge(path) {
  const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"));
  const found = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path }));
  return { understood: document !== undefined, found };
}

Promise.all(paths.map(judge)).then((verdicts) => console.log(JSON.stringify(verdicts)));
