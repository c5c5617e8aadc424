import type { Json, JsonObject } from "@hearth/device-sdk";
import { isDeeperThan, isObject, own } from "../agent/command-endpoints.ts";
import type { PluginWord, ProtocolPlugin } from "../plugins/custom-plugin.ts";

/**
 * What a plug-in says, taken apart and put together again: the other parts get the members that protocol-plugin.ts has, of
 * the types that it has, and nothing else, whatever a plug-in says.
 */

/** Of what a plug-in says, as much as the bus carries with room to spare. */
const MOST_CHARACTERS = 262_144;
const MOST_DEPTH = 32;
const MOST_DEVICES = 1_000;
const MOST_ENDPOINTS = 100;
const MOST_ITEMS = 1_000;

/** As the platform takes them (packages/data-model). */
const DEVICE_ID = /^[A-Za-z0-9.]{1,64}$/;
const ENDPOINT_ID = /^[0-9a-zA-Z]{1,64}$/;
const CAPABILITY_ID = /^[a-zA-Z0-9.]{3,128}(@(\d{1,3}\.\d{1,3}(\.\d{1,4})?|\$latest))?$/;
const NAME = /^[/a-zA-Z0-9._ -]{1,128}$/;
const MOST_TEXT = 512;

/** Gives what is to be passed on; undefined for what is not as it should be. */
type Rule = (value: Json | undefined) => Json | undefined;

const text =
  (pattern?: RegExp): Rule =>
  (value) =>
    typeof value === "string" && (pattern ? pattern.test(value) : value.length <= MOST_TEXT) ? value : undefined;
const number: Rule = (value) => (typeof value === "number" ? value : undefined);
const flag: Rule = (value) => (typeof value === "boolean" ? value : undefined);
const any: Rule = (value) => value;
const object: Rule = (value) => (isObject(value) ? value : undefined);
const oneOf =
  (...words: string[]): Rule =>
  (value) =>
    typeof value === "string" && words.includes(value) ? value : undefined;
const listOf =
  (rule: Rule, most = MOST_ITEMS): Rule =>
  (value) => {
    if (!Array.isArray(value) || value.length > most) return undefined;
    const items = value.map(rule);
    return items.includes(undefined) ? undefined : (items as Json[]);
  };
/** The members of these names; those of `optional` may be missing. */
const members =
  (wanted: Readonly<Record<string, Rule>>, optional: Readonly<Record<string, Rule>> = {}): Rule =>
  (value) => {
    if (!isObject(value)) return undefined;
    const taken: JsonObject = {};
    for (const [name, rule] of [...Object.entries(wanted), ...Object.entries(optional)]) {
      const given = own(value, name);
      if (given === undefined && !Object.hasOwn(wanted, name)) continue;
      const kept = rule(given);
      if (kept === undefined) return undefined;
      taken[name] = kept;
    }
    return taken;
  };

const HTTP_STATUS: Rule = (value) =>
  Number.isInteger(value) && Number(value) >= 100 && Number(value) <= 599 ? value : undefined;

const endpointsOf = (endpointId: Rule, capability: Rule): Rule =>
  listOf(members({ endpointId, capabilities: listOf(capability, MOST_ENDPOINTS) }), MOST_ENDPOINTS);

const PROPERTIES = listOf(members({ name: text(NAME), value: any }));

const STATE = endpointsOf(
  text(ENDPOINT_ID),
  members(
    { id: text(CAPABILITY_ID) },
    { properties: PROPERTIES, events: listOf(members({ name: text(NAME), parameters: object })) },
  ),
);

/** Names and ids are quoted from the command, as they may be. */
const ANSWERED = endpointsOf(
  text(),
  members(
    {
      id: text(),
      actions: listOf(
        members(
          { name: text(), responseCode: HTTP_STATUS },
          {
            ...{ ref: text(), actionTraceId: text(), parameters: object },
            errors: listOf(members({ code: text(), message: text() })),
          },
        ),
      ),
    },
    { properties: PROPERTIES },
  ),
);

/** Without `managedThingId`: which thing a device is, is not a plug-in's to say. */
const DEVICE = members(
  {
    ...{ deviceId: text(DEVICE_ID), protocol: text(), deviceTypes: listOf(text(), 50) },
    ...{ interviewed: flag, sleepy: flag, reachable: flag },
  },
  { radioId: text(), brand: text(), model: text(), name: text() },
);

const NAMES = listOf(text());
const REPORT = members({
  ...{ version: text(), nodeId: text() },
  endpoints: listOf(
    members({
      ...{ id: text(ENDPOINT_ID), deviceTypes: NAMES },
      capabilities: listOf(
        members({
          ...{ id: text(CAPABILITY_ID), name: text(), version: text() },
          ...{ properties: NAMES, actions: NAMES, events: NAMES },
        }),
        MOST_ENDPOINTS,
      ),
    }),
    MOST_ENDPOINTS,
  ),
});

const NOTHING: Rule = () => ({});

const ANSWERS: Readonly<Record<Exclude<keyof ProtocolPlugin, "protocol" | "stop">, Rule>> = {
  open: NOTHING,
  close: NOTHING,
  provision: members({ refused: listOf(members({ managedThingId: text(), reason: text() })) }),
  devices: members({ devices: listOf(DEVICE, MOST_DEVICES) }),
  describe: members({ capabilityReport: REPORT }),
  command: members({ endpoints: ANSWERED }),
  state: members({ endpoints: STATE }),
  remove: members({ outcome: oneOf("gone", "failed") }, { reason: text() }),
  health: members({ state: text() }, { reason: text(), network: text() }),
};

const ID = { deviceId: text(DEVICE_ID) };

const WORDS: Readonly<Record<PluginWord, Rule>> = {
  interviewing: members(ID),
  joined: members({ device: DEVICE }),
  failed: members({ reason: text() }, ID),
  left: members(ID),
  changed: members({ ...ID, at: number, endpoints: STATE }),
  reachable: members({ ...ID, reachable: flag }, { rssi: number, battery: number }),
};

/**
 * The answer of a plug-in's method.
 *
 * @throws TypeError for one that is no such answer, RangeError for one that is too large
 */
export const answerOf = (method: keyof typeof ANSWERS, answer: unknown): JsonObject =>
  parsed(ANSWERS[method], answer, `its answer to ${method}`);

/**
 * What a plug-in tells unasked.
 *
 * @throws TypeError for what is no such word or not its body, RangeError for what is too large
 */
export function toldBy(word: unknown, body: unknown): JsonObject {
  if (typeof word !== "string" || !Object.hasOwn(WORDS, word)) throw new TypeError("there is no such word");
  return parsed(WORDS[word as PluginWord], body, `the body of ${word}`);
}

function parsed(rule: Rule, said: unknown, what: string): JsonObject {
  // Getters, proxies and circles end here.
  const json: string | undefined = JSON.stringify(said);
  if (json === undefined) throw new TypeError(`${what} is no object`);
  if (json.length > MOST_CHARACTERS) throw new RangeError(`${what} is longer than ${MOST_CHARACTERS} characters`);
  const value = JSON.parse(json) as Json;
  if (isDeeperThan(value, MOST_DEPTH)) throw new RangeError(`${what} is nested deeper than ${MOST_DEPTH}`);
  const taken = rule(value);
  if (!isObject(taken)) throw new TypeError(`${what} is not as docs/guides/add-a-protocol.md has it`);
  return taken;
}
