import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import type { Part } from "../part.ts";
import { ActionError } from "../plugins/action-error.ts";
import type { CommandEndpoint, RadioDevice, RadioHealth, RadioService } from "../plugins/protocol-plugin.ts";
import { serveRadio } from "../plugins/radio-client.ts";
import { openJsonFile } from "../state/json-file.ts";
import { MATTER } from "./built-in.ts";
import { createPluginHost, type PluginHost } from "./plugin-host.ts";

const loadModule = (path: string): Promise<unknown> =>
  path === MATTER ? import("../matter/load.ts") : import(pathToFileURL(path).href);

type Bindings = Readonly<Record<string, string>>;

/** @throws TypeError for what this program did not write */
function parseBindings(json: unknown): Bindings {
  const isWhole =
    typeof json === "object" && json !== null && Object.values(json).every((id) => typeof id === "string");
  if (!isWhole) throw new TypeError("it does not hold device ids and thing ids");
  return json as Bindings;
}

/** Custom protocols: the plug-in modules of `settings.customPlugins` behind one `radio.custom`. */
export function createCustomPart({ load = loadModule }: { load?: typeof loadModule } = {}): Part {
  return {
    name: "AceCustom",
    async start({ bus, clock, log, directory, settings }) {
      const recover = (error: Error) => log.error({ error: error.message }, "the state before the last is taken");
      const bindings = await openJsonFile<Bindings>(join(directory, "bindings.json"), parseBindings, {}, { recover });
      const hosts: PluginHost[] = settings.customPlugins.map((path, index) =>
        createPluginHost({
          ...{ path, load, clock, log, directory: join(directory, `plugin-${index}`) },
          publish: (word, body) => bus.publish(`radio.custom.${word}`, withThing(word, body)),
          isTaken: (protocol) => hosts.some((host) => host.protocol() === protocol),
          changed: () => bus.publish("radio.custom.health", { ...health() }),
        }),
      );

      const thingOf = (deviceId: string): string | undefined =>
        Object.hasOwn(bindings.value, deviceId) ? bindings.value[deviceId] : undefined;

      const bound = (device: RadioDevice): RadioDevice => {
        const managedThingId = thingOf(device.deviceId);
        return { ...device, protocol: "custom", ...(managedThingId === undefined ? {} : { managedThingId }) };
      };

      const withThing = (word: string, body: JsonObject): JsonObject =>
        word === "joined" ? { device: bound(body["device"] as unknown as RadioDevice) as unknown as JsonObject } : body;

      /** The plug-in that a device is of, by the first word of its id. */
      function hostOf(deviceId: string): PluginHost {
        const word = deviceId.slice(0, deviceId.indexOf("."));
        const host = hosts.find((one) => one.protocol() === word);
        if (!host) throw new ActionError("NoRadio", `no plug-in runs for ${word}`, 503);
        return host;
      }

      /** All that run; one that fails does not keep the others. @throws when none could */
      async function each<T>(asked: readonly PluginHost[], work: (host: PluginHost) => Promise<T>): Promise<T[]> {
        const done = await Promise.allSettled(asked.map(work));
        const good = done.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
        const failed = done.find((one) => one.status === "rejected");
        if (good.length === 0 && failed) throw failed.reason;
        return good;
      }

      const running = () => hosts.filter((host) => host.protocol() !== undefined);

      async function unbind(deviceId: string): Promise<void> {
        const { [deviceId]: _gone, ...others } = bindings.value;
        if (thingOf(deviceId) !== undefined) await bindings.replace(others);
      }

      function health(): RadioHealth {
        const names = hosts.flatMap((host) => host.protocol() ?? []);
        if (names.length > 0) return { state: "up", network: names.join(", ") };
        return { state: "failed", reason: hosts[0]?.problem() ?? "there is no plug-in" };
      }

      const service: RadioService = {
        async open(request) {
          const name = request.custom?.["Name"];
          const named = running().filter((host) => typeof name === "string" && host.protocol() === name.toLowerCase());
          if (name !== undefined && named.length === 0) {
            const there = running().map((host) => host.protocol());
            throw new ActionError("Unsupported", `no plug-in is for ${name}; there are: ${there.join(", ")}`, 501);
          }
          await each(named.length > 0 ? named : hosts, (host) => host.ask("open", request));
          return {};
        },
        async close() {
          await each(running(), (host) => host.ask("close", {}));
          return {};
        },
        async provision(request) {
          if (request.labels.length === 0 && running().length === 0) return { refused: [] };
          const answers = await each(hosts, (host) => host.ask("provision", request));
          // A label is for one of them.
          const [first = [], ...others] = answers.map(({ refused }) => refused);
          const byAll = first.filter(({ managedThingId }) =>
            others.every((refused) => refused.some((one) => one.managedThingId === managedThingId)),
          );
          return { refused: byAll };
        },
        async devices() {
          const lists = await each(running(), (host) => host.devices());
          const there = new Set(running().map((host) => host.protocol()));
          const away = Object.keys(bindings.value).filter((id) => !there.has(id.slice(0, id.indexOf("."))));
          return { devices: [...lists.flat(), ...away.map(unreachable)].map(bound) };
        },
        async bind({ deviceId, managedThingId }) {
          hostOf(deviceId);
          if (managedThingId === null) await unbind(deviceId);
          else if (thingOf(deviceId) !== managedThingId) {
            await bindings.replace({ ...bindings.value, [deviceId]: managedThingId });
          }
          return {};
        },
        describe: async (request) => hostOf(request.deviceId).ask("describe", request),
        async command(request) {
          try {
            return await hostOf(request.deviceId).ask("command", request);
          } catch (error) {
            return { endpoints: request.endpoints.map((endpoint) => failed(endpoint, error)) };
          }
        },
        state: async (request) => hostOf(request.deviceId).ask("state", request),
        async remove(request) {
          const { deviceId, force } = request;
          const answer = await Promise.resolve()
            .then(() => hostOf(deviceId).ask("remove", request))
            .catch((error: unknown) => {
              if (!force) throw error;
              log.warn({ deviceId, error: messageOf(error) }, "the device is forgotten without its plug-in");
              return { outcome: "gone" as const };
            });
          if (answer.outcome === "gone") await unbind(deviceId);
          return answer;
        },
        exclude: async () => ({ outcome: "failed", reason: "devices of custom protocols are not excluded" }),
        async reset() {
          await Promise.allSettled(hosts.map((host) => host.reset()));
          await bindings.replace({});
          return {};
        },
        health: async () => health(),
      };
      const stopServing = serveRadio(bus, "custom", service);
      return {
        async stop() {
          stopServing();
          await Promise.all(hosts.map((host) => host.stop()));
        },
      };
    },
  };
}

/** A device that is known by its binding alone while its plug-in does not run. */
const unreachable = (deviceId: string): RadioDevice => ({
  ...{ deviceId, protocol: "custom", deviceTypes: [], interviewed: true, sleepy: false, reachable: false },
});

/** Each action of a command that its plug-in could not run. */
function failed({ endpointId, capabilities }: CommandEndpoint, error: unknown) {
  const responseCode = error instanceof ActionError ? error.responseCode : 500;
  const errors = [{ code: "Fail", message: messageOf(error).slice(0, 256) }];
  return {
    endpointId,
    capabilities: capabilities.map(({ id, actions }) => ({
      id,
      actions: actions.map(({ name, ref, actionTraceId }) => ({
        ...{ name, ref, actionTraceId, responseCode, errors },
      })),
    })),
  };
}
