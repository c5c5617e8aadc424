import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type HearthFile, hearthFilePath } from "../hearth-file.ts";
import { type Program, startProgram, typeScript } from "./program.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

export const inRoot = (path: string): string => join(ROOT, path);

/** What nobody has given is what it is at every other start; what this shell says of a server is not for this one. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(AWS|HEARTH|VENDOR|CONNECTOR)_/.test(name)),
  );
}

/**
 * A server of the demo's own, on free ports, with its data in `directory`.
 *
 * @param started told of the process at once, so that somebody stops it whatever happens next
 */
export async function startServerProgram(
  directory: string,
  started: (program: Program) => void,
  settings: Readonly<Record<string, string>> = {},
): Promise<HearthFile> {
  const dataDir = join(directory, "data");
  const [node = "", ...main] = typeScript(inRoot("apps/server/src/main.ts"));
  const server = startProgram("the server", [node, `--openssl-config=${inRoot("apps/server/openssl.cnf")}`, ...main], {
    ...plainEnvironment(),
    HEARTH_DATA_DIR: dataDir,
    ...{ HEARTH_API_PORT: "0", HEARTH_HTTPS_PORT: "0", HEARTH_MQTTS_PORT: "0", HEARTH_TLS_PORT: "0" },
    ...{ HEARTH_CALLBACK_PORT: "0", ...settings },
  });
  started(server);
  await server.said(/Hearth is running\./);
  return JSON.parse(readFileSync(hearthFilePath(dataDir), "utf8")) as HearthFile;
}
