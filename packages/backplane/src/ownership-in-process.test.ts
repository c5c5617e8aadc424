import { createOwnership } from "./ownership-in-process.ts";
import { describeOwnership } from "./ownership-suite.ts";

describeOwnership("within a process", async () => {
  const ownership = createOwnership<string, string, string, string>();
  return { here: ownership, there: ownership, settle: () => new Promise(setImmediate) };
});
