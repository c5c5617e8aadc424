import type { JsonObject } from "@hearth/device-sdk";
import type { Bus, BusMethod } from "../bus/bus.ts";
import type { RadioService } from "./protocol-plugin.ts";

type Methods = Record<keyof RadioService, (request: never) => Promise<object>>;

/** Offers `radio` to the other parts as `radio.<protocol>`; the returned function ends that. */
export function serveRadio(bus: Bus, protocol: string, radio: RadioService): () => void {
  const methods: Record<string, BusMethod> = {};
  for (const [name, method] of Object.entries(radio as Methods)) {
    methods[name] = async (body) => (await method(body as never)) as JsonObject;
  }
  return bus.serve(`radio.${protocol}`, methods);
}

/** Time that a request's answer may take on top of what the radio itself was given. */
const MARGIN = 5_000;
/** Interviews ask a sleepy device many things. */
const INTERVIEW = 120_000;

/** The radio of a protocol as another part sees it: rejects with BusError when it is not there. */
export function createRadioClient(bus: Bus, protocol: string): RadioService {
  async function ask<T>(method: keyof RadioService, body: object, timeout = 10_000): Promise<T> {
    return (await bus.request(`radio.${protocol}`, method, body as JsonObject, { timeout })) as T;
  }
  return {
    open: (request) => ask("open", request),
    close: (request) => ask("close", request),
    provision: (request) => ask("provision", request, 60_000),
    devices: (request) => ask("devices", request),
    bind: (request) => ask("bind", request),
    describe: (request) => ask("describe", request, request.refresh ? INTERVIEW : 10_000),
    command: (request) => ask("command", request, request.within + MARGIN),
    state: (request) => ask("state", request, request.refresh ? 60_000 : 10_000),
    remove: (request) => ask("remove", request, request.seconds * 1000 + MARGIN),
    exclude: (request) => ask("exclude", request, request.seconds * 1000 + MARGIN),
    reset: (request) => ask("reset", request, 60_000),
    health: (request) => ask("health", request),
  };
}
