// `node --import tsx examples/lamp-connector/build.ts [--out <directory>] [--ca <file>]` builds the function, and prints
// where it is and how it is deployed.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildConnector } from "./src/build-connector.ts";

const { values } = parseArgs({ options: { out: { type: "string" }, ca: { type: "string" } } });
const built = await buildConnector({ out: values.out ?? join(import.meta.dirname, "dist"), ca: values.ca });
process.stdout.write(`${JSON.stringify(built)}\n`);
