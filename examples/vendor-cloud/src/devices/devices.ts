import { randomUUID } from "node:crypto";
import { type JsonObject, Refusal } from "../http.ts";
import { changed, type DeviceState, type DeviceType, type FanState, FIRST_STATES, fanAtSpeed } from "./state.ts";
import { answerTo } from "./stream.ts";

export type { DeviceType } from "./state.ts";

/** Devices of all users together. */
const MAX_DEVICES = 100_000;
/** Streams that one camera sends at a time. */
const MAX_STREAMS = 4;
const STREAM_MILLISECONDS = 10 * 60_000;

export interface DeviceView {
  id: string;
  type: DeviceType;
  name: string;
  model: string;
  online: boolean;
  state: DeviceState;
}

/** What happened to a device. */
export interface DeviceChange {
  type: "device.state" | "device.online" | "device.added" | "device.removed" | "stream.answer" | "stream.ended";
  userId: string;
  device: DeviceView;
  /** "command": a partner asked for it; "device": somebody at the device, or the device itself, did it. */
  cause: "command" | "device";
  /** The names of the members of the state that are new. */
  changed?: string[];
  /** Of the command. */
  requestId?: string;
  stream?: { sessionId: string; answer?: string };
}

interface Device extends DeviceView {
  userId: string;
  /** Session ids and when they are over. */
  streams: Map<string, number>;
}

export interface Command {
  userId: string;
  deviceId: string;
  requestId?: string;
}

const MODELS: Record<DeviceType, { model: string; name: string }> = {
  lamp: { model: "Glow 3", name: "Lamp" },
  fan: { model: "Breeze 2", name: "Fan" },
  camera: { model: "Watch 1", name: "Camera" },
};

export type Devices = ReturnType<typeof createDevices>;

/** All users' devices; `onChange` hears of everything that happens to one. */
export function createDevices(onChange: (change: DeviceChange) => void) {
  const byId = new Map<string, Device>();
  /** In the order in which they were added, which is the order of pages. */
  const byUser = new Map<string, Map<string, Device>>();
  const numbers = new Map<string, number>();

  const view = ({ id, type, name, model, online, state }: Device): DeviceView =>
    structuredClone({ id, type, name, model, online, state });

  const found = (deviceId: string, userId?: string): Device => {
    const device = byId.get(deviceId);
    // Another user's device is as unknown as one that is not there.
    if (!device || (userId !== undefined && device.userId !== userId))
      throw new Refusal(404, "unknown_device", "you have no device of that id");
    return device;
  };

  const reachable = ({ userId, deviceId }: Command): Device => {
    const device = found(deviceId, userId);
    if (!device.online) throw new Refusal(409, "offline", `${device.name} is not connected; try again later`);
    return device;
  };

  const tell = (device: Device, change: Omit<DeviceChange, "userId" | "device">): void =>
    onChange({ userId: device.userId, device: view(device), ...change });

  /** Says so even of a state that is as it was: who gave the command waits for the event. */
  const setState = (device: Device, state: DeviceState, cause: DeviceChange["cause"], requestId?: string): void => {
    const before = device.state as unknown as JsonObject;
    device.state = state;
    const names = Object.entries(state).flatMap(([name, value]) => (value === before[name] ? [] : [name]));
    tell(device, { type: "device.state", cause, changed: names, ...(requestId ? { requestId } : {}) });
  };

  const startStream = (device: Device, parameters: JsonObject, requestId: string | undefined): JsonObject => {
    const { privacy } = device.state as { privacy: boolean };
    if (privacy) throw new Refusal(409, "lens_covered", "the lens is covered; take privacy back first");
    const answer = answerTo(parameters["offer"]);
    const now = Date.now();
    for (const [id, over] of device.streams) if (over <= now) device.streams.delete(id);
    if (device.streams.size >= MAX_STREAMS)
      throw new Refusal(409, "busy", `a camera sends ${MAX_STREAMS} streams at most; end one`);
    const sessionId = randomUUID();
    device.streams.set(sessionId, now + STREAM_MILLISECONDS);
    tell(device, {
      type: "stream.answer",
      cause: "command",
      stream: { sessionId, answer },
      ...(requestId ? { requestId } : {}),
    });
    return { sessionId };
  };

  const actions: Record<
    DeviceType,
    Record<string, (device: Device, p: JsonObject, requestId?: string) => JsonObject>
  > = {
    lamp: {
      toggle: (device, _parameters, requestId) => {
        const { on } = device.state as { on: boolean };
        setState(device, { ...device.state, on: !on } as DeviceState, "command", requestId);
        return { state: device.state };
      },
    },
    fan: {
      step: (device, { direction }, requestId) => {
        if (direction !== "up" && direction !== "down")
          throw new Refusal(400, "bad_parameters", "direction is up or down");
        const { speed } = device.state as FanState;
        const next = Math.min(100, Math.max(0, speed + (direction === "up" ? 10 : -10)));
        setState(device, fanAtSpeed(next), "command", requestId);
        return { state: device.state };
      },
    },
    camera: {
      "start-stream": startStream,
      "end-stream": (device, { sessionId }, requestId) => {
        if (typeof sessionId !== "string" || !device.streams.delete(sessionId))
          throw new Refusal(404, "unknown_stream", "there is no stream of that sessionId");
        tell(device, {
          type: "stream.ended",
          cause: "command",
          stream: { sessionId },
          ...(requestId ? { requestId } : {}),
        });
        return { sessionId };
      },
    },
  };

  return {
    /** Gives the user `count` more devices of a type, all of them off. */
    add(userId: string, type: DeviceType, count: number): void {
      if (!Number.isSafeInteger(count) || count < 0 || byId.size + count > MAX_DEVICES)
        throw new Refusal(400, "too_many", `there may be ${MAX_DEVICES} devices in all`);
      const own = byUser.get(userId) ?? new Map<string, Device>();
      byUser.set(userId, own);
      for (let n = 0; n < count; n++) {
        const number = (numbers.get(`${userId} ${type}`) ?? 0) + 1;
        numbers.set(`${userId} ${type}`, number);
        const { model, name } = MODELS[type];
        const device: Device = {
          id: `${type}-${userId}-${number}`,
          type,
          name: `${name} ${number}`,
          model,
          online: true,
          state: { ...FIRST_STATES[type] },
          userId,
          streams: new Map(),
        };
        byId.set(device.id, device);
        own.set(device.id, device);
        tell(device, { type: "device.added", cause: "device" });
      }
    },
    remove(deviceId: string): void {
      const device = found(deviceId);
      byId.delete(deviceId);
      byUser.get(device.userId)?.delete(deviceId);
      tell(device, { type: "device.removed", cause: "device" });
    },
    get: (userId: string, deviceId: string): DeviceView => view(found(deviceId, userId)),
    /** `limit` devices from the `offset`th on, and how many there are. */
    list(userId: string, offset = 0, limit = MAX_DEVICES): { devices: DeviceView[]; total: number } {
      const own = [...(byUser.get(userId)?.values() ?? [])];
      return { devices: own.slice(offset, offset + limit).map(view), total: own.length };
    },
    /** A partner's change of the state. */
    setState(command: Command, change: JsonObject): DeviceView {
      const device = reachable(command);
      setState(device, changed(device.type, device.state, change, "partner"), "command", command.requestId);
      return view(device);
    },
    /** A partner's action: `toggle` of a lamp, `step` of a fan, `start-stream` and `end-stream` of a camera. */
    act(command: Command, action: string, parameters: JsonObject): JsonObject {
      const device = reachable(command);
      const known = actions[device.type];
      const run = Object.hasOwn(known, action) ? known[action] : undefined;
      if (!run) throw new Refusal(400, "unknown_action", `a ${device.type} knows ${Object.keys(known).join(", ")}`);
      return structuredClone(run(device, parameters, command.requestId));
    },
    /** What happens at the device: a switch is pressed, something moves, it loses its connection (`online`). */
    happen(deviceId: string, { online, ...change }: JsonObject): DeviceView {
      const device = found(deviceId);
      if (online !== undefined && typeof online !== "boolean")
        throw new Refusal(400, "bad_state", "online is true or false");
      const names = Object.keys(change);
      const state = names.length > 0 ? changed(device.type, device.state, change, "device") : undefined;
      if (!state && online === undefined) throw new Refusal(400, "bad_state", "name what changes");
      if (online !== undefined && online !== device.online) {
        device.online = online;
        tell(device, { type: "device.online", cause: "device" });
      }
      if (state) setState(device, state, "device");
      return view(device);
    },
  };
}
