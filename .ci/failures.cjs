// The failed tests of a vitest JSON report, shortly, for the end of a long output: node failures.cjs <tests.json>
// Their files' names alone: node failures.cjs <tests.json> --files
const { readFileSync } = require("node:fs");

const [report, names] = process.argv.slice(2);
const linesOfEach = 25;
const head = (text) =>
  text
    .split("\n")
    .filter((line) => !/^\s+at .*node_modules/.test(line))
    .slice(0, linesOfEach)
    .join("\n");

for (const file of JSON.parse(readFileSync(report, "utf8")).testResults) {
  if (file.status !== "failed") continue;
  const name = file.name.replace(`${process.cwd()}/`, "");
  if (names) {
    console.log(name);
    continue;
  }
  const failed = file.assertionResults.filter(({ status }) => status === "failed");
  for (const { fullName, failureMessages } of failed) {
    console.log(`!! ${name}: ${fullName}\n${head(failureMessages.join("\n"))}`);
  }
  // A file that could not be loaded, or whose hooks failed, has no failed test.
  if (failed.length === 0) console.log(`!! ${name}\n${head(file.message)}`);
}
