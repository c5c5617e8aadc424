// The failed tests of a vitest JSON report, shortly, for the end of a long output: node failures.cjs <tests.json>
const { readFileSync } = require("node:fs");

const linesOfEach = 25;
const head = (text) => text.split("\n").slice(0, linesOfEach).join("\n");

for (const file of JSON.parse(readFileSync(process.argv[2], "utf8")).testResults) {
  const failed = file.assertionResults.filter(({ status }) => status === "failed");
  for (const { fullName, failureMessages } of failed) {
    console.log(`!! ${file.name.replace(`${process.cwd()}/`, "")}: ${fullName}\n${head(failureMessages.join("\n"))}`);
  }
  // A file that could not be loaded, or whose hooks failed, has no failed test.
  if (file.status === "failed" && failed.length === 0) console.log(`!! ${file.name}\n${head(file.message)}`);
}
