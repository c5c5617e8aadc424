import { readFile } from "node:fs/promises";
import type { Json, JsonObject } from "@hearth/device-sdk";
import { isObject, own, parseCommandEndpoints, text } from "../agent/command-endpoints.ts";
import type { CommandEndpoint } from "../plugins/protocol-plugin.ts";

const MAX_FILE = 262_144;
const MAX_ROUTINES = 100;
const MAX_COMMANDS = 10;

/** When a property becomes a value, these commands are run. */
export interface Routine {
  name: string;
  when: { managedThingId: string; endpointId: string; capability: string; property: string; equals: Json };
  /** `then` of the file. */
  commands: { managedThingId: string; endpoints: CommandEndpoint[] }[];
}

/** What the file says is no routine; the message says where. */
export class RoutineError extends Error {
  override readonly name = "RoutineError";
}

/** The routines of `path`; none where there is no file. Throws RoutineError. */
export async function readRoutines(path: string): Promise<Routine[]> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  if (content.length > MAX_FILE) throw new RoutineError(`${path} is longer than ${MAX_FILE} characters`);
  try {
    return parseRoutines(JSON.parse(content));
  } catch (error) {
    throw new RoutineError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** `{ "routines": [{ "name", "when": {…}, "then": [{ "managedThingId", "endpoints" }] }] }`. Throws RoutineError. */
export function parseRoutines(json: Json): Routine[] {
  const routines = isObject(json) ? own(json, "routines") : undefined;
  if (!Array.isArray(routines)) throw new RoutineError('a member "routines" with a list is missing');
  if (routines.length > MAX_ROUTINES) throw new RoutineError(`there are more than ${MAX_ROUTINES} routines`);
  return routines.map((routine, index) => parseRoutine(routine, `routines[${index}]`));
}

function parseRoutine(value: Json, path: string): Routine {
  if (!isObject(value)) throw new RoutineError(`${path} is no object`);
  const when = own(value, "when");
  const commands = own(value, "then");
  if (!isObject(when)) throw new RoutineError(`${path}.when is no object`);
  if (!Array.isArray(commands) || commands.length === 0 || commands.length > MAX_COMMANDS) {
    throw new RoutineError(`${path}.then is no list of 1 to ${MAX_COMMANDS} commands`);
  }
  const word = (object: JsonObject, name: string, where: string) => {
    const found = text(object, name);
    if (found === undefined) throw new RoutineError(`${where}.${name} is no text`);
    return found;
  };
  const equals = own(when, "equals");
  if (equals === undefined) throw new RoutineError(`${path}.when.equals is missing`);
  return {
    name: word(value, "name", path),
    when: {
      managedThingId: word(when, "managedThingId", `${path}.when`),
      endpointId: word(when, "endpointId", `${path}.when`),
      capability: word(when, "capability", `${path}.when`),
      property: word(when, "property", `${path}.when`),
      equals,
    },
    commands: commands.map((command, index) => {
      const where = `${path}.then[${index}]`;
      if (!isObject(command)) throw new RoutineError(`${where} is no object`);
      const endpoints = parseCommandEndpoints(own(command, "endpoints"));
      if (!endpoints) throw new RoutineError(`${where}.endpoints is not as in a command`);
      return { managedThingId: word(command, "managedThingId", where), endpoints };
    }),
  };
}
