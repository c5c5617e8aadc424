import { configDefaults, defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{packages,apps,examples,tests,tools,bench}/**/*.test.ts"],
    // `npm run test:long` alone runs these.
    exclude: [...configDefaults.exclude, "tests/long/**"],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: "forks",
    isolate: false,
    maxWorkers: 2,
  },
});
