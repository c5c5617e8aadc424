import { createClient, ServiceException } from "@hearth/client";
import { list, state, turn } from "./remote.ts";

const [what, id = ""] = process.argv.slice(2);
const say = (line: string) => process.stdout.write(`${line}\n`);

try {
  const managed = createClient("iot-managed-integrations");
  if (what === "list") for await (const line of list(managed)) say(line);
  else if (what === "on" && id) say(await turn(managed, id, "On"));
  else if (what === "off" && id) say(await turn(managed, id, "Off"));
  else if (what === "state" && id) for await (const line of state(managed, id)) say(line);
  else throw new Error("usage: remote list | on <id> | off <id> | state <id>");
} catch (error) {
  const name = error instanceof ServiceException ? `${error.name}: ` : "";
  process.stderr.write(`${name}${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
