import { SimulateError, type SimulateOptions, simulate } from "@hearth/simulator";
import { CommandError } from "./command-error.ts";

/** `hearth simulate`: on this terminal, until Ctrl-C. */
export async function runSimulate(radio: string, options: SimulateOptions): Promise<void> {
  const interrupted = new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve()).once("SIGTERM", () => resolve());
  });
  try {
    await simulate(radio, options, { input: process.stdin, output: process.stdout, interrupted });
  } catch (error) {
    throw error instanceof SimulateError ? new CommandError(error.message) : error;
  }
  process.stdin.unref?.();
}
