import { config } from "@matter/nodejs/config";
import type { CreateProtocolPlugin } from "../plugins/custom-plugin.ts";

/**
 * Left to itself the library reads this program's flags as its own, and a file in the user's home, and answers signals.
 * It has to be told before anything of it is loaded.
 */
function keepToItself(): void {
  try {
    config.loadProcessArgv = false;
    config.loadConfigFile = false;
    config.trapProcessSignals = false;
    config.setProcessExitCodeOnError = false;
    config.trapUnhandledErrors = false;
  } catch {
    // It was loaded before, with the same said.
  }
}

/** The plug-in, loaded with its library when it is wanted. */
export const createProtocolPlugin: CreateProtocolPlugin = async (context) => {
  keepToItself();
  return await (await import("./matter-plugin.ts")).createProtocolPlugin(context);
};
