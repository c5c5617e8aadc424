import { createConnection, type Socket } from "node:net";
import { encodeFrame, FrameReader } from "./frame.ts";
import {
  IOTMI_IPC_EVENT_PUBLIC_END,
  IOTMI_IPC_MAX_REQUESTS,
  IOTMI_IPC_MAX_SUBSCRIBER,
  IOTMI_IPC_SVC_SEND_QUERY_FROM_RE,
  IOTMI_IPC_SVC_SEND_REQ_FROM_RE,
  IOTMI_STATUS_BAD_REQUEST,
  IOTMI_STATUS_NO_SUCH_EVENT,
  IOTMI_STATUS_NOT_CONNECTED,
  IOTMI_STATUS_OK,
  IOTMI_STATUS_TOO_MANY_SUBSCRIBERS,
} from "./ids.ts";
import type { Json, JsonObject } from "./json.ts";

/** What the hub answers at once. `reply` of a command, `payload` of a query, `message` where it went wrong. */
export interface HubAnswer {
  status: number;
  reply?: string;
  payload?: JsonObject;
  message?: string;
}

/** Called for each event that the subscriber wants; `data` is the event's message, `{ payload: … }`. */
export type EventCallback = (eventId: number, data: JsonObject, context: string) => void;

export interface HubClientOptions {
  /** `aipc.sock` in the hub's run directory. */
  path: string;
  /** The subscriber's own word, handed to its callbacks. */
  context?: string;
  /** Milliseconds for an answer; 10 s. */
  timeout?: number;
  /** The connection broke, or was closed: subscribe and connect again with a new client. */
  onDisconnect?: (reason: string) => void;
}

/** A program on the hub that speaks to its edge agent (reference 10.8). */
export interface HubClient {
  /** Before `connect` or after it. Resolves with a status; the first ones are sent when the client connects. */
  registerSubscriber(events: readonly number[], callback: EventCallback): Promise<number>;
  /** Resolves with IOTMI_STATUS_OK when the hub is reached and every subscriber is registered. */
  connect(): Promise<number>;
  /** `payload`: traceId, managedThingId, nodeId, endpoints. The response comes as event 3 with that trace id. */
  sendCommandRequest(payload: JsonObject): Promise<HubAnswer>;
  /** `payload`: managedThingId. */
  sendDeviceStateQuery(payload: JsonObject): Promise<HubAnswer>;
  close(): Promise<void>;
}

interface Subscriber {
  mask: number;
  events: readonly number[];
  callback: EventCallback;
}

export function createHubClient(options: HubClientOptions): HubClient {
  const { path, context = "", timeout = 10_000, onDisconnect } = options;
  const subscribers: Subscriber[] = [];
  const waiting = new Map<number, (answer: HubAnswer) => void>();
  /** Sent and not answered yet, also where nobody waits any more. */
  const open = new Set<number>();
  /** What the hub would refuse now: by id, in the order of asking. */
  const queue = new Map<number, Buffer>();
  let socket: Socket | undefined;
  let lastId = 0;

  function lost(reason: string): void {
    if (!socket) return;
    socket.destroy();
    socket = undefined;
    const all = [...waiting.values()];
    waiting.clear();
    queue.clear();
    open.clear();
    for (const settle of all) settle({ status: IOTMI_STATUS_NOT_CONNECTED, message: reason });
    onDisconnect?.(reason);
  }

  function take(message: JsonObject): void {
    const { id, event } = message;
    if (typeof event === "number") {
      const { event: _, ...data } = message;
      for (const { mask, callback } of [...subscribers]) if (has(mask, event)) callback(event, data, context);
      return;
    }
    if (typeof id === "number") {
      open.delete(id);
      const settle = waiting.get(id);
      waiting.delete(id);
      settle?.(answerOf(message));
      pump();
    } else if (id === undefined) lost(String(message["message"] ?? "the hub ended the connection"));
  }

  function pump(): void {
    for (const [id, frame] of queue) {
      if (!socket || open.size >= IOTMI_IPC_MAX_REQUESTS) return;
      queue.delete(id);
      open.add(id);
      socket.write(frame);
    }
  }

  function request(body: JsonObject): Promise<HubAnswer> {
    if (!socket) return Promise.resolve({ status: IOTMI_STATUS_NOT_CONNECTED, message: "connect first" });
    const id = ++lastId;
    let frame: Buffer;
    try {
      frame = encodeFrame({ id, ...body });
    } catch (error) {
      return Promise.resolve({ status: IOTMI_STATUS_BAD_REQUEST, message: String(error) });
    }
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        waiting.delete(id);
        queue.delete(id);
        resolve({ status: IOTMI_STATUS_NOT_CONNECTED, message: `no answer within ${timeout} ms` });
      }, timeout);
      waiting.set(id, (answer) => {
        clearTimeout(timer);
        resolve(answer);
      });
      queue.set(id, frame);
      pump();
    });
  }

  const subscribe = async ({ events }: Subscriber): Promise<number> =>
    (await request({ service: "subscribe", events: [...events] })).status;

  async function dial(): Promise<void> {
    const connection = createConnection(path);
    await new Promise<void>((resolve, reject) => {
      connection.once("connect", resolve);
      connection.once("error", reject);
    });
    const reader = new FrameReader();
    socket = connection;
    connection.on("data", (chunk) => {
      try {
        for (const message of reader.push(chunk)) if (socket === connection) take(message);
      } catch (error) {
        lost(String(error));
      }
    });
    connection.on("error", (error) => lost(error.message));
    connection.on("close", () => {
      if (socket === connection) lost("the hub ended the connection");
    });
  }

  return {
    async registerSubscriber(events, callback) {
      if (!events.every((id) => Number.isInteger(id) && id >= 0 && id < IOTMI_IPC_EVENT_PUBLIC_END)) {
        return IOTMI_STATUS_NO_SUCH_EVENT;
      }
      if (subscribers.length >= IOTMI_IPC_MAX_SUBSCRIBER) return IOTMI_STATUS_TOO_MANY_SUBSCRIBERS;
      const subscriber = {
        mask: events.reduce((mask, id) => mask + (has(mask, id) ? 0 : 2 ** id), 0),
        events,
        callback,
      };
      subscribers.push(subscriber);
      const status = socket ? await subscribe(subscriber) : IOTMI_STATUS_OK;
      if (status !== IOTMI_STATUS_OK) subscribers.splice(subscribers.indexOf(subscriber), 1);
      return status;
    },
    async connect() {
      try {
        await dial();
      } catch {
        return IOTMI_STATUS_NOT_CONNECTED;
      }
      for (const subscriber of subscribers) {
        const status = await subscribe(subscriber);
        if (status !== IOTMI_STATUS_OK) return status;
      }
      return IOTMI_STATUS_OK;
    },
    sendCommandRequest: (payload) => request({ service: IOTMI_IPC_SVC_SEND_REQ_FROM_RE, payload }),
    sendDeviceStateQuery: (payload) => request({ service: IOTMI_IPC_SVC_SEND_QUERY_FROM_RE, payload }),
    async close() {
      const connection = socket;
      socket = undefined;
      if (!connection) return;
      await new Promise<void>((resolve) => {
        connection.once("close", () => resolve());
        connection.end();
      });
      for (const settle of waiting.values()) settle({ status: IOTMI_STATUS_NOT_CONNECTED, message: "closed" });
      waiting.clear();
      queue.clear();
    },
  };
}

const has = (mask: number, event: number): boolean => Math.floor(mask / 2 ** event) % 2 === 1;

function answerOf({ status, reply, payload, message }: JsonObject): HubAnswer {
  const isObject = (value: Json | undefined): value is JsonObject =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  return {
    status: typeof status === "number" ? status : IOTMI_STATUS_BAD_REQUEST,
    ...(typeof reply === "string" ? { reply } : {}),
    ...(isObject(payload) ? { payload } : {}),
    ...(typeof message === "string" ? { message } : {}),
  };
}
