import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,apps,examples,tests,tools,bench}/**/*.test.ts"],
    // `npm run test:long` alone runs these.
    exclude: [...configDefaults.exclude, "tests/long/**"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Importing is dear: a worker keeps its modules from file to file. Tests leave nothing behind in them; modules that
    // tests share hold no hooks of vitest's, which would run for the first file only.
    isolate: false,
    maxWorkers: 2,
  },
});
