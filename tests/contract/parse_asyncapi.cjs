// Prints what the official AsyncAPI parser finds in a document, as JSON: [{severity, code, message, path}].
// Arguments: the folder whose node_modules holds the parser, the document. Severity 0 is an error, 1 a warning.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const [folder, document] = process.argv.slice(2);
const { Parser } = createRequire(join(folder, "package.json"))("@asyncapi/parser");

new Parser().parse(readFileSync(document, "utf8")).then(({ document, diagnostics }) => {
  const found = diagnostics.map(({ severity, code, message, path }) => ({ severity, code, message, path }));
  console.log(JSON.stringify({ understood: document !== undefined, found }));
});
