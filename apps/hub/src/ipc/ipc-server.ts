import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { dirname } from "node:path";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { JsonObject } from "@hearth/device-sdk";
import {
  encodeFrame,
  FrameReader,
  IOTMI_IPC_EVENT_DEVICE_UPDATE_TO_RE,
  IOTMI_IPC_EVENT_PUBLIC_END,
  IOTMI_IPC_MAX_REQUESTS,
  IOTMI_IPC_MAX_SUBSCRIBER,
  IOTMI_IPC_SVC_SEND_QUERY_FROM_RE,
  IOTMI_IPC_SVC_SEND_REQ_FROM_RE,
  IOTMI_STATUS_BAD_REQUEST,
  IOTMI_STATUS_BUSY,
  IOTMI_STATUS_NO_SUCH_EVENT,
  IOTMI_STATUS_NO_SUCH_SERVICE,
  IOTMI_STATUS_NO_TOKEN,
  IOTMI_STATUS_OK,
  IOTMI_STATUS_TOO_MANY_SUBSCRIBERS,
  IOTMI_STATUS_UNAVAILABLE,
} from "@hearth/hub-ipc";
import { type LocalCommand, type LocalResponse, NO_TOKEN } from "../agent/agent-service.ts";
import { type Bus, BusError } from "../bus/bus.ts";
import type { NamedEndpoint, ThingChanged } from "../cdmb/cdmb-service.ts";
import {
  currentStateOf,
  notificationOf,
  parseCommandRequest,
  parseStateQuery,
  payloadOf,
  responseOf,
} from "./ipc-messages.ts";

/** What clients can make the hub hold. */
const MAX_CONNECTIONS = 32;
const MAX_UNREAD = 1_048_576;
/** A frame that has begun has to end within this time. */
const FRAME_TIME = 5_000;

export interface IpcServer {
  close(): Promise<void>;
}

interface Client {
  socket: Socket;
  /** Event masks of its subscribers. */
  masks: number[];
  requests: number;
}

/** The IPC server of the edge agent (reference 10.8, docs/hub-ipc.md) on the UNIX socket `path`. */
export async function openIpcServer(deps: {
  path: string;
  bus: Bus;
  command: (command: LocalCommand) => { accepted: boolean; reply: string };
  clock: Clock;
  log: Logger;
}): Promise<IpcServer> {
  const { path, bus, command, clock, log } = deps;
  const clients = new Set<Client>();

  function send(client: Client, message: JsonObject): void {
    const { socket } = client;
    if (socket.destroyed) return;
    if (socket.writableLength > MAX_UNREAD) {
      log.warn({}, "an IPC client does not read what it has asked for and is disconnected");
      socket.destroy();
      return;
    }
    try {
      socket.write(encodeFrame(message));
    } catch (error) {
      const { id } = message;
      log.warn({ error: messageOf(error) }, "a message is too long for the IPC socket");
      if (id !== undefined)
        socket.write(encodeFrame({ id, status: IOTMI_STATUS_UNAVAILABLE, message: messageOf(error) }));
    }
  }

  /** The connection ends, whether or not the other end hangs up; nothing more is heard from it. */
  function dismiss(client: Client, status: number, message: string): void {
    send(client, { status, message });
    client.socket.destroySoon();
  }

  function tell(payload: JsonObject): void {
    const event = IOTMI_IPC_EVENT_DEVICE_UPDATE_TO_RE;
    for (const client of [...clients]) {
      if (client.masks.some((mask) => (mask & (1 << event)) !== 0)) send(client, { event, payload });
    }
  }

  const offChanged = bus.subscribe("cdmb.changed", (body) => tell(notificationOf(body as unknown as ThingChanged)));
  const offResponse = bus.subscribe("agent.response", (body) => tell(responseOf(body as unknown as LocalResponse)));

  function subscribe(client: Client, events: unknown): JsonObject {
    const isEvent = (id: unknown) => Number.isInteger(id) && Number(id) >= 0 && Number(id) < IOTMI_IPC_EVENT_PUBLIC_END;
    if (!Array.isArray(events) || events.length > IOTMI_IPC_EVENT_PUBLIC_END || !events.every(isEvent)) {
      const message = `events is no list of numbers from 0 to ${IOTMI_IPC_EVENT_PUBLIC_END - 1}`;
      return { status: IOTMI_STATUS_NO_SUCH_EVENT, message };
    }
    let subscribers = 0;
    for (const { masks } of clients) subscribers += masks.length;
    if (subscribers >= IOTMI_IPC_MAX_SUBSCRIBER) {
      const message = `there are ${IOTMI_IPC_MAX_SUBSCRIBER} subscribers already; close one of them first`;
      return { status: IOTMI_STATUS_TOO_MANY_SUBSCRIBERS, message };
    }
    client.masks.push(events.reduce((mask: number, id: number) => mask | (1 << id), 0));
    return { status: IOTMI_STATUS_OK };
  }

  function runCommand(payload: JsonObject): JsonObject {
    const parsed = parseCommandRequest(payload);
    if (typeof parsed === "string") return { status: IOTMI_STATUS_BAD_REQUEST, message: parsed };
    const { accepted, reply } = command(parsed);
    if (accepted) return { status: IOTMI_STATUS_OK, reply };
    return { status: reply === NO_TOKEN ? IOTMI_STATUS_NO_TOKEN : IOTMI_STATUS_BUSY, reply };
  }

  async function queryState(payload: JsonObject): Promise<JsonObject> {
    const managedThingId = parseStateQuery(payload);
    if (managedThingId === undefined) {
      return { status: IOTMI_STATUS_BAD_REQUEST, message: "payload.managedThingId is missing" };
    }
    try {
      const { endpoints } = await bus.request("cdmb", "state", { managedThingId });
      return { status: IOTMI_STATUS_OK, payload: currentStateOf(endpoints as unknown as NamedEndpoint[]) };
    } catch (error) {
      const message = messageOf(error);
      if (!(error instanceof BusError) || error.reason !== "refused")
        return { status: IOTMI_STATUS_UNAVAILABLE, message };
      return { status: IOTMI_STATUS_OK, payload: { response: { code: Number(error.code) || 500, message } } };
    }
  }

  async function answer(client: Client, message: JsonObject): Promise<JsonObject> {
    const { service, events } = message;
    if (service === "subscribe") return subscribe(client, events);
    if (service !== IOTMI_IPC_SVC_SEND_REQ_FROM_RE && service !== IOTMI_IPC_SVC_SEND_QUERY_FROM_RE) {
      return { status: IOTMI_STATUS_NO_SUCH_SERVICE, message: "service is 32, 33 or subscribe" };
    }
    const payload = payloadOf(message);
    if (!payload) return { status: IOTMI_STATUS_BAD_REQUEST, message: "payload is no object" };
    return service === IOTMI_IPC_SVC_SEND_REQ_FROM_RE ? runCommand(payload) : queryState(payload);
  }

  function take(client: Client, message: JsonObject): void {
    const id = message["id"] as number;
    // 1e400 is JSON, and infinite here: no answer could repeat it.
    if (!Number.isFinite(id)) {
      dismiss(client, IOTMI_STATUS_BAD_REQUEST, "id is no number");
      return;
    }
    if (client.requests >= IOTMI_IPC_MAX_REQUESTS) {
      send(client, { id, status: IOTMI_STATUS_BUSY, message: `${IOTMI_IPC_MAX_REQUESTS} requests are open already` });
      return;
    }
    client.requests++;
    answer(client, message)
      .then((body) => send(client, { id, ...body }))
      .catch((error: unknown) => log.error({ error: messageOf(error) }, "an IPC request failed"))
      .finally(() => client.requests--);
  }

  function accept(socket: Socket): void {
    const client: Client = { socket, masks: [], requests: 0 };
    const reader = new FrameReader();
    let cancel: (() => void) | undefined;
    socket.on("error", () => socket.destroy());
    if (clients.size >= MAX_CONNECTIONS) {
      dismiss(client, IOTMI_STATUS_BUSY, `${MAX_CONNECTIONS} programs are connected already`);
      return;
    }
    clients.add(client);
    socket.on("close", () => {
      cancel?.();
      clients.delete(client);
    });
    socket.on("data", (chunk) => {
      if (socket.writableEnded) return;
      let messages: JsonObject[];
      try {
        messages = reader.push(chunk);
      } catch (error) {
        log.warn({ error: messageOf(error) }, "an IPC client is disconnected");
        dismiss(client, IOTMI_STATUS_BAD_REQUEST, messageOf(error));
        return;
      }
      if (messages.length > 0 || !reader.unfinished) {
        cancel?.();
        cancel = undefined;
      }
      if (reader.unfinished) cancel ??= clock.after(FRAME_TIME, () => socket.destroy());
      for (const message of messages) if (!socket.writableEnded) take(client, message);
    });
  }

  const server = createServer(accept);
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  await chmod(path, 0o660);

  return {
    async close() {
      offChanged();
      offResponse();
      for (const { socket } of clients) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
