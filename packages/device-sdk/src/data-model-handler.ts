import { type Clock, type Logger, messageOf, silentLogger, systemClock } from "@hearth/base";
import { createCommandDesk } from "./command-desk.ts";
import type { CredentialStore } from "./credential-store.ts";
import { capabilityReport, type Endpoint, Endpoints, readProperty } from "./endpoint.ts";
import { AgentStoppedError, NetworkError, RequestRejectedError } from "./errors.ts";
import { createEventNumbers } from "./event-numbers.ts";
import { type Json, type JsonObject, member, parseObject, text } from "./json.ts";
import { parseCommand, parseSouthbound, traceIdOf } from "./message.ts";
import type { MqttAgent } from "./mqtt-agent.ts";
import { createReporter, type Report } from "./reporter.ts";
import { type Answer, createRequests } from "./requests.ts";

export interface DeviceOptions {
  /** Not yet started, or started; the device starts it and, in the end, stops it. */
  agent: MqttAgent;
  store: CredentialStore;
  /** The managed thing id, which is the thing name and the client id too. */
  id: string;
  /** The device's own name for itself in the capability report. */
  nodeId: string;
  /** Called before the permanent credentials are erased; if it throws, they stay and the platform is told. */
  onRemoval?: () => void | Promise<void>;
  /** Called with the platform's reason for not accepting a message of this device. */
  onRejected?: (reason: JsonObject) => void;
  /** Milliseconds one action or getter may take; 30,000 by default. */
  actionTimeout?: number;
  /** Milliseconds a report that is not immediate may wait for others; 1,000 by default. */
  reportInterval?: number;
  /** Milliseconds to wait for the platform's answer to a capability report or a removal; 10,000 by default. */
  answerTimeout?: number;
  clock?: Clock;
  log?: Logger;
}

/** A device and what it can do (reference 11.1, data-model handler). Declare its endpoints, then `start`. */
export interface Device {
  readonly id: string;
  /** Declares an endpoint; chain `.capability(…)`. Throws RangeError for what the platform would refuse. */
  endpoint(id: string, options: { deviceTypes: string[] }): Endpoint;
  /**
   * Connects, uploads the capability report, reports every property. Resolves when the platform has all of it.
   * Throws RequestRejectedError when the report is refused, AgentStoppedError when stopped meanwhile.
   */
  start(): Promise<void>;
  /**
   * Reports properties that have changed, by name. Immediately unless `immediate` is false. Resolves when the
   * platform has them; rejects with what the agent's `publish` rejects with.
   */
  reportProperties(
    endpointId: string,
    capabilityId: string,
    values: Record<string, Json>,
    options?: { immediate?: boolean },
  ): Promise<void>;
  /** Reports that a declared event has happened; else as `reportProperties`. */
  reportEvent(
    endpointId: string,
    capabilityId: string,
    name: string,
    parameters?: JsonObject,
    options?: { immediate?: boolean },
  ): Promise<void>;
  /**
   * Starts a command towards the user's app, such as a WebRTC offer, and resolves with what the app answers; whoever
   * listens for `DEVICE_COMMAND_REQUEST` is the app. The action must be declared. Rejects with an ActionError (504) when
   * no answer comes within `timeout` milliseconds, 60,000 by default.
   */
  request(
    endpointId: string,
    capabilityId: string,
    name: string,
    parameters?: JsonObject,
    options?: { timeout?: number },
  ): Promise<Answer>;
  /** Sends what is queued, disconnects. */
  stop(): Promise<void>;
  /** Resolves when it is all over: `stop` was called, or the platform has removed the device. */
  readonly closed: Promise<"stopped" | "removed">;
}

/** Capability reports that are sent without an answer before `start` gives up. */
const REPORT_ATTEMPTS = 10;

export function createDevice(options: DeviceOptions): Device {
  const { agent, store, id, nodeId, answerTimeout = 10_000, clock = systemClock, log = silentLogger } = options;
  const endpoints = new Endpoints();
  const numbers = createEventNumbers(store, clock);
  const capabilitiesTopic = `$aws/managed-integrations/${id}/capabilities`;
  let removing = false;
  let close: (how: "stopped" | "removed") => void = () => {};
  const closed = new Promise<"stopped" | "removed">((resolve) => {
    close = resolve;
  });
  let reportAnswered: ((outcome: Error | undefined) => void) | undefined;

  let turn: Promise<unknown> = Promise.resolve();
  /** Numbers are given in the order of sending, so that the platform sees them increase. */
  function send(channel: "control" | "setup", messageType: string, body: JsonObject): Promise<void> {
    const queued = turn.then(async () => {
      const eventNumber = await numbers.next();
      const timestamp = new Date(clock.now()).toISOString();
      const message = JSON.stringify({ messageType, timestamp, eventNumber, ...body });
      return { published: agent.publish(`north/${id}/${channel}`, message) };
    });
    turn = queued.catch(() => {});
    return queued.then(({ published }) => published);
  }

  const requests = createRequests({
    send: (asked) => send("control", "DEVICE_COMMAND_REQUEST", { endpoints: asked }),
    clock,
  });
  const desk = createCommandDesk({
    endpoints,
    clock,
    log,
    requests,
    actionTimeout: options.actionTimeout ?? 30_000,
    respond: (traceId, response) => send("control", "DEVICE_COMMAND_RESPONSE", { traceId, endpoints: response }),
  });
  const reporter = createReporter({
    send: (changed) => send("control", "DEVICE_EVENT", { endpoints: changed }),
    clock,
    interval: options.reportInterval ?? 1000,
  });

  async function remove(traceId: string | undefined): Promise<void> {
    if (removing) return;
    removing = true;
    const trace: JsonObject = traceId === undefined ? {} : { traceId };
    try {
      await options.onRemoval?.();
      await store.erase("Device Cert");
      await store.erase("Pending Cert");
    } catch (error) {
      log.error({ error: messageOf(error) }, "the removal failed");
      const errors = [{ code: "Fail", message: messageOf(error) }];
      await send("setup", "DEVICE_REMOVAL_RESPONSE", { ...trace, responseCode: 500, errors });
      removing = false;
      return;
    }
    // The certificate in memory still serves this one answer. The platform may close the connection for good before
    // its acknowledgement is through: what it gives a reason for is an answer too.
    const released = new Promise<void>((resolve) => {
      clock.after(answerTimeout, resolve);
      agent.onEvent((event) => {
        if (event.state === "disconnected" && event.reasonCode !== undefined) resolve();
      });
    });
    const answered = send("setup", "DEVICE_REMOVAL_RESPONSE", { ...trace, responseCode: 200 });
    const acknowledged = answered.catch((error: unknown) => log.warn({ error: messageOf(error) }, "not acknowledged"));
    await Promise.race([acknowledged, released]);
    await agent.stop({ timeout: 0 });
    close("removed");
  }

  function southbound(channel: "control" | "setup", payload: Buffer): void {
    const message = parseSouthbound(payload);
    if (message && isAboutAnother(message.body, id)) return;
    const command = message?.messageType === "DEVICE_COMMAND" ? parseCommand(message.body) : undefined;
    if (channel === "control" && command) desk.take(command);
    else if (channel === "setup" && message?.messageType === "DEVICE_REMOVAL") {
      remove(traceIdOf(message.body)).catch((error: unknown) => log.error({ error: messageOf(error) }, "removal"));
    } else log.warn({ channel, bytes: payload.length, messageType: message?.messageType }, "message not understood");
  }

  function listen(filter: string, handler: (payload: Buffer) => void): void {
    // A refusal is logged by the agent; the platform sends its answers unasked as well (reference 2).
    agent.subscribe(filter, (_topic, payload) => handler(payload)).catch(() => {});
  }

  async function uploadReport(): Promise<void> {
    const report = JSON.stringify(capabilityReport(nodeId, endpoints));
    for (let attempt = 0; attempt < REPORT_ATTEMPTS; attempt++) {
      const answered = new Promise<Error | undefined | "silence">((resolve) => {
        const cancel = clock.after(answerTimeout, () => resolve("silence"));
        reportAnswered = (outcome) => {
          cancel();
          resolve(outcome);
        };
      });
      await agent.publish(capabilitiesTopic, report);
      const outcome = await answered;
      reportAnswered = undefined;
      if (outcome === undefined) return;
      if (outcome !== "silence") throw outcome;
      await agent.whenConnected();
    }
    throw new NetworkError("the platform does not answer the capability report");
  }

  async function reportEverything(): Promise<void> {
    const reports: Promise<void>[] = [];
    for (const endpoint of endpoints.all()) {
      for (const capability of endpoint.capabilities.values()) {
        const values: Report[] = [];
        for (const name of capability.properties.keys()) {
          values.push({ kind: "property", name, value: await readProperty(capability, name) });
        }
        if (values.length > 0) reports.push(reporter.add(endpoint.id, capability.id, values, false));
      }
    }
    reporter.flush();
    await Promise.all(reports);
  }

  const device: Device = {
    id,
    closed,
    endpoint: (endpointId, { deviceTypes }) => endpoints.add(endpointId, deviceTypes),

    async start() {
      listen(`south/${id}/control`, (payload) => southbound("control", payload));
      listen(`south/${id}/setup`, (payload) => southbound("setup", payload));
      listen(`south/${id}/rejected`, (payload) => {
        const reason = parseObject(payload);
        if (reason && isAboutAnother(reason, id)) return;
        log.warn({ reason }, "the platform rejected a message");
        if (reason) options.onRejected?.(reason);
      });
      listen(`${capabilitiesTopic}/accepted`, () => reportAnswered?.(undefined));
      listen(`${capabilitiesTopic}/rejected`, (payload) => reportAnswered?.(rejection(parseObject(payload))));
      agent.onEvent(({ state }) => {
        if (state !== "stopped") return;
        reportAnswered?.(new AgentStoppedError());
        if (!removing) close("stopped");
      });
      agent.start();
      await agent.whenConnected();
      await uploadReport();
      await reportEverything();
    },

    async reportProperties(endpointId, capabilityId, values, { immediate = true } = {}) {
      const capability = endpoints.capability(endpointId, capabilityId);
      const reports = Object.entries(values).map(([name, value]): Report => {
        if (!capability.properties.has(name)) throw new RangeError(`${capability.id} has no property ${name}`);
        return { kind: "property", name, value };
      });
      await reporter.add(endpointId, capability.id, reports, immediate);
    },

    async reportEvent(endpointId, capabilityId, name, parameters = {}, { immediate = true } = {}) {
      const capability = endpoints.capability(endpointId, capabilityId);
      if (!capability.events.has(name)) throw new RangeError(`${capability.id} has no event ${name}`);
      await reporter.add(endpointId, capability.id, [{ kind: "event", name, parameters }], immediate);
    },

    async request(endpointId, capabilityId, name, parameters = {}, { timeout = 60_000 } = {}) {
      const { id: declared, actions } = endpoints.capability(endpointId, capabilityId);
      if (!actions.has(name)) throw new RangeError(`${declared} has no action ${name}`);
      return requests.ask({ endpointId, capabilityId: declared, name }, parameters, timeout);
    },

    async stop() {
      reporter.flush();
      // What has been handed over gets its number first.
      await turn;
      await agent.stop();
    },
  };
  return device;
}

/** A hub's topics carry what is about the devices behind it as well (docs/device-protocol.md, "Hubs"). */
function isAboutAnother(body: JsonObject, id: string): boolean {
  const about = text(body, "managedThingId");
  return about !== undefined && about !== id;
}

function rejection(body: JsonObject | undefined): RequestRejectedError {
  const code = body && member(body, "code");
  const message = (body && text(body, "message")) ?? "the platform gave no reason";
  return new RequestRejectedError(typeof code === "number" ? code : 400, message);
}
