import { createProgram } from "./cli/program.ts";
import type { PartTable } from "./processes/run.ts";

// One line a part, in the order of the alphabet. A part that is heavy is imported when its process starts it.
const PARTS: PartTable = {
  Logger: async () => (await import("./logger/logger-part.ts")).createLoggerPart(),
};

await createProgram(PARTS).parseAsync();
