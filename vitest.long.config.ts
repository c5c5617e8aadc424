import { defineConfig } from "vitest/config";

/** The long runs of `npm run test:long`: the same files, with HEARTH_LONG=1 choosing their long form. */
export default defineConfig({
  test: {
    include: [
      "apps/hub/src/zigbee/zigbee-plugin.test.ts",
      "apps/server/src/connector-test/*.test.ts",
      "tests/durability/**/*.test.ts",
      "tests/server/kill*.test.ts",
      "tests/server/mqtt-kill.test.ts",
      "tests/server/rollout-kill.test.ts",
      "tests/server/slow-subscriber.test.ts",
      "packages/mqtt/**/*.test.ts",
      "packages/broker/src/retained-deliveries.test.ts",
      "packages/functions/src/host/function-host.test.ts",
      "tests/clients/aws-lambda.test.ts",
      "tests/long/**/*.test.ts",
      "tests/fuzz/**/*.test.ts",
      "tests/conformance/tls.test.ts",
    ],
    testTimeout: 3_600_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    pool: "forks",
    maxWorkers: 1,
  },
});
