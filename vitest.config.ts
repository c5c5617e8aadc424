import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** What watches its process's heap begins, while that is small: afterwards each collection takes long. */
class HeapFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const watches = ({ moduleId }: TestSpecification) => moduleId.includes("/tests/fuzz/");
    const sorted = await super.sort(files);
    return [...sorted.filter(watches), ...sorted.filter((file) => !watches(file))];
  }
}

// Vitest shuffles files in a sequencer of its own.
const shuffled = process.argv.some((word) => word.startsWith("--sequence.shuffle"));

export default defineConfig({
  test: {
    include: ["{packages,apps,examples,tests,tools,bench}/**/*.test.ts"],
    // `npm run test:long` alone runs these.
    exclude: [...configDefaults.exclude, "tests/long/**"],
    globalSetup: ["tests/kit/scratch-directory.ts"],
    setupFiles: ["tests/kit/property-seed.ts"],
    // What must come is waited for as long as a busy machine takes: these bound only what never comes.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    pool: "forks",
    // Importing is dear: a worker keeps its modules from file to file. Tests leave nothing behind in them; modules that
    // tests share hold no hooks of vitest's, which would run for the first file only.
    isolate: false,
    // One more than the cores that there are: many a test waits for a disk or for a process that starts.
    maxWorkers: 3,
    // Tests make much that is garbage soon: a larger nursery collects it a sixth faster.
    execArgv: ["--min-semi-space-size=16", "--max-semi-space-size=32"],
    sequence: shuffled ? {} : { sequencer: HeapFirst },
  },
});
