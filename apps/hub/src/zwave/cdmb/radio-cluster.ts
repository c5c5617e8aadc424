import type { Json, JsonObject } from "@hearth/device-sdk";
import { type NativeRef, refKey } from "../../cdmb/conversion.ts";
import { ActionError } from "../../plugins/action-error.ts";
import { unknownClasses, type ZWaveEndpoint } from "./endpoint.ts";
import type { ZWaveMapping } from "./switches.ts";

/**
 * Command classes that no table knows are carried, not dropped: their ids, what a node sends of them, and bytes to it.
 * A command class has commands and no attributes: there is nothing to read or write by a number.
 */
const rawClasses: NativeRef = { raw: "classes" };
export const rawReceived: NativeRef = { raw: "received" };
export const rawSend: NativeRef = { raw: "send" };
export const rawClassesKey = refKey(rawClasses);

/** A Z-Wave frame has room for no more. */
const HEX = /^(?:[0-9a-f]{2}){0,46}$/i;
const MOST = 64;

export const initialRawClasses = (endpoint: ZWaveEndpoint): Json =>
  unknownClasses(endpoint)
    .slice(0, MOST)
    .map((id) => ({ id, attributes: [] }));

/** The checked parameters of Send. Throws ActionError 400. */
export function rawCommand(endpoint: ZWaveEndpoint, parameters: JsonObject) {
  const byte = (name: string): number => {
    const given = parameters[name];
    if (typeof given === "number" && Number.isInteger(given) && given >= 0 && given <= 0xff) return given;
    throw new ActionError("InvalidParameters", `${name} is not a whole number from 0 to 255`, 400);
  };
  const commandClass = byte("cluster");
  if (!unknownClasses(endpoint).includes(commandClass)) {
    throw new ActionError(
      "InvalidParameters",
      `command class ${commandClass} is not one of this capability's here`,
      400,
    );
  }
  const payload = parameters["payload"] ?? "";
  if (typeof payload !== "string" || !HEX.test(payload)) {
    throw new ActionError("InvalidParameters", "payload is not at most 46 bytes in hexadecimal", 400);
  }
  return { commandClass, command: byte("command"), payload: Uint8Array.from(Buffer.from(payload, "hex")) };
}

export const radioCluster: ZWaveMapping = {
  capability: "hearth.RadioCluster@1.0",
  name: "Radio Cluster",
  version: "1",
  when: (endpoint) => unknownClasses(endpoint).length > 0,
  properties: [{ name: "Clusters", native: rawClasses }],
  actions: [{ name: "Send", run: (parameters) => [{ invoke: rawSend, parameters }], affects: [] }],
  events: [{ name: "Received", native: rawReceived, when: (received) => received as JsonObject }],
};
