import { config } from "@matter/nodejs/config";
import type { MatterHome, RadioOptions } from "../virtual-device.ts";

/** The library would read the program's flags as its own, and answer its signals; it has to be told before it is loaded. */
function keepToItself(): void {
  try {
    config.loadProcessArgv = false;
    config.loadConfigFile = false;
    config.trapProcessSignals = false;
    config.setProcessExitCodeOnError = false;
    config.trapUnhandledErrors = false;
  } catch {
    // It was loaded before.
  }
}

/**
 * Matter devices on this machine's network, each a node of its own that waits to be commissioned: its label is the text
 * of its QR code, its `pin` the manual pairing code. They announce themselves by mDNS, so multicast has to work.
 * Rejects for a type that does not exist.
 */
export async function startMatterHome(options: RadioOptions): Promise<MatterHome> {
  // matter.js takes 150 MB.
  keepToItself();
  const { createHome } = await import("./home.ts");
  return await createHome(options);
}
