import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { generateDataModel } from "./generate-data-model.ts";

test("the library of the data model is what the generator writes", async () => {
  for (const [path, content] of Object.entries(await generateDataModel())) {
    const present = await readFile(new URL(`../${path}`, import.meta.url), "utf8");
    expect(present === content, `${path} differs: run \`npm run generate\``).toBe(true);
  }
});
