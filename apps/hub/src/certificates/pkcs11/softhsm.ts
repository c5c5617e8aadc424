import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SimulatedPlatform } from "@hearth/device-sdk";
import { type HubDirectory, hubDirectory } from "../../onboarding/hub-directory.ts";

const LIBRARIES = [
  "/usr/lib/softhsm/libsofthsm2.so",
  "/usr/lib64/pkcs11/libsofthsm2.so",
  "/usr/local/lib/softhsm/libsofthsm2.so",
];

/** SoftHSM 2's library, where it is installed (Debian: softhsm2). */
export const SOFTHSM = LIBRARIES.find((path) => existsSync(path));
export const PIN = "needle-pin-4711";

const TOKENS = 8;
let unused: Promise<string[]> | undefined;

/** Labels of new tokens. SoftHSM looks for tokens once, when a process loads it: there are no more later. */
async function makeTokens(home: string): Promise<string[]> {
  const configuration = join(home, "softhsm2.conf");
  await mkdir(join(home, "tokens"), { recursive: true });
  await writeFile(configuration, `directories.tokendir = ${join(home, "tokens")}\nobjectstore.backend = file\n`);
  process.env["SOFTHSM2_CONF"] = configuration;
  const labels = Array.from({ length: TOKENS }, (_, n) => `hub-${n}`);
  for (const label of labels) {
    const words = ["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", PIN];
    await promisify(execFile)("softhsm2-util", words);
  }
  return labels;
}

/** A hub directory whose configuration names a SoftHSM token of its own, below `home`; for one file of tests. */
export async function tokenDirectory(cloud: SimulatedPlatform, home: string): Promise<HubDirectory> {
  const directory = await hubDirectory(cloud);
  unused ??= makeTokens(home);
  const label = (await unused).pop();
  if (!label) throw new Error(`at most ${TOKENS} tokens`);
  const pinFile = join(directory.root, "certs", "pin");
  await writeFile(pinFile, `${PIN}\n`, { mode: 0o600 });
  const { ro } = await directory.configuration();
  await directory.configure({
    ...ro,
    iot_claim_cert_path: "SECURE_STORAGE",
    iot_claim_pk_path: "SECURE_STORAGE",
    pkcs11: {
      library: SOFTHSM ?? "",
      token_label: label,
      pin_file: pinFile,
      claim_cert_path: ro["iot_claim_cert_path"] ?? "",
      claim_pk_path: ro["iot_claim_pk_path"] ?? "",
    },
  });
  return directory;
}
