// The language service of VS Code, which many editors run, asked about documents.
// Standard input: {"schemas": {"pattern of a file name": schema}, "questions": [{"ask", "file", "text", "at"}]};
// "at" is an offset in the text.  Standard output: a list with one answer for each question.
"use strict";
const { getLanguageService, TextDocument } = require("vscode-json-languageservice");

const plain = (held) => (held === undefined ? "" : typeof held === "string" ? held : held.value);

async function answer(service, { ask, file, text, at }) {
  const document = TextDocument.create(`file:///${file}`, "json", 1, text);
  const tree = service.parseJSONDocument(document);
  if (ask === "validate") {
    const found = await service.doValidation(document, tree);
    return found.map((one) => ({ line: one.range.start.line + 1, message: one.message }));
  }
  const place = document.positionAt(at);
  if (ask === "complete") {
    const found = await service.doComplete(document, place, tree);
    return found.items.map((one) => ({ label: one.label, about: plain(one.documentation) }));
  }
  const found = await service.doHover(document, place, tree);
  return found === null ? "" : [].concat(found.contents).map(plain).join("\n");
}

async function main() {
  const { schemas, questions } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
  const service = getLanguageService({});
  service.configure({
    validate: true,
    allowComments: false,
    schemas: Object.entries(schemas).map(([pattern, schema]) => ({
      uri: `test://schemas/${pattern}`,
      fileMatch: [pattern],
      schema,
    })),
  });
  const answers = [];
  for (const question of questions) answers.push(await answer(service, question));
  process.stdout.write(JSON.stringify(answers));
}

main();
