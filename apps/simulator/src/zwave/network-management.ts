import type { MockController } from "@zwave-js/testing";
import type { VirtualNode } from "./virtual-node.ts";

/** Functions of the serial API (INS12350) that the mocks do not know, or know by halves. */
const ADD_NODE = 0x4a;
const REMOVE_NODE = 0x4b;
const APPLICATION_UPDATE = 0x49;
const SET_DEFAULT = 0x42;
const REMOVE_FAILED_NODE = 0x61;
const IS_FAILED_NODE = 0x62;
const SEND_DATA = 0x13;
const SEND_DATA_BRIDGE = 0xa9;
const REQUEST_NODE_INFO = 0x60;

export const managedFunctions = [SET_DEFAULT, REMOVE_FAILED_NODE, IS_FAILED_NODE];

const mode = { stop: 5, stopReplication: 6, smartStartDsk: 8, smartStartListen: 9 };
const status = { ready: 1, found: 2, adding: 3, protocolDone: 5, done: 6, failed: 7 };
const SMART_START_HOME_ID = 0x85;
const NODE_INFO_FAILED = 0x81;
const NO_ACK = 0x01;
/** Between the steps of an inclusion: what a radio takes at least. */
const STEP = 5;
/** Between the requests of those who want to be let in. */
const ANNOUNCE = 500;

export type JoinMode = "idle" | "inclusion" | "exclusion" | "smart-start";

/** What the network keeps for its management. */
export interface Membership {
  readonly controller: MockController;
  nodes(): readonly VirtualNode[];
  add(node: VirtualNode): Promise<number>;
  /** Takes `nodeId` off the controller's list; its device, if it is still one, forgets the network. */
  remove(nodeId: number): void;
  has(nodeId: number): boolean;
  /** The device that is node `nodeId`, if it is there and its radio is on. */
  reachable(nodeId: number): boolean;
  clear(): void;
}

/** Adding, removing and losing nodes, as a controller does it for its host. */
export interface NetworkManagement {
  joinState(): { mode: JoinMode };
  /** A button was pressed: an open inclusion or exclusion takes its node. */
  onPress(node: VirtualNode): void;
  onPowerOn(node: VirtualNode): void;
  /** The host is another one. */
  onConnect(): void;
  stop(): void;
}

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Bits of the network-wide-inclusion home id that a DSK gives (S2, SmartStart): the two top bits set, the last one clear. */
function announcedHomeId(dsk: Uint8Array): number[] {
  const [first = 0, second = 0, third = 0, fourth = 0] = dsk.slice(8, 12);
  return [first | 0xc0, second, third, fourth & 0xfe];
}

export function manageNetwork(members: Membership): NetworkManagement {
  const { controller } = members;
  let joinMode: JoinMode = "idle";
  let callback = 0;
  /** The node whose inclusion has not been finished by the host. */
  let added: number | undefined;
  /** Counts what the host has asked for: an inclusion that was stopped does not go on. */
  let turn = 0;
  let queue: Promise<unknown> = Promise.resolve();
  const unanswered = new Set<number>();

  const frame = (type: number, functionId: number, payload: readonly number[]) => {
    const body = [payload.length + 3, type, functionId, ...payload];
    return Uint8Array.from([0x01, ...body, body.reduce((sum, byte) => sum ^ byte, 0xff)]);
  };
  const send = (type: number, functionId: number, ...payload: number[]) => {
    queue = queue.then(() => controller.sendToHost(frame(type, functionId, payload))).catch(() => undefined);
    return queue;
  };
  const callBack = (functionId: number, id: number, ...payload: number[]) =>
    id === 0 ? Promise.resolve() : send(0, functionId, id, ...payload);

  async function include(node: VirtualNode): Promise<void> {
    const mine = ++turn;
    node.learning = false;
    const id = callback;
    await wait(STEP);
    await callBack(ADD_NODE, id, status.found, 0, 0);
    await wait(STEP);
    if (mine !== turn || node.joined) return;
    const nodeId = await members.add(node);
    node.announcing = false;
    added = nodeId;
    await callBack(ADD_NODE, id, status.adding, nodeId, node.information.length, ...node.information);
    await wait(STEP);
    await callBack(ADD_NODE, id, status.protocolDone, nodeId, 0);
  }

  async function exclude(node: VirtualNode): Promise<void> {
    const mine = ++turn;
    node.learning = false;
    const id = callback;
    // Of another network, or of none: the controller resets it and does not know it.
    const nodeId = node.nodeId ?? 0;
    await wait(STEP);
    await callBack(REMOVE_NODE, id, status.found, 0, 0);
    await wait(STEP);
    if (mine !== turn) return;
    await callBack(REMOVE_NODE, id, status.adding, nodeId, node.information.length, ...node.information);
    await wait(STEP);
    // A host that has stopped it, or is another one, would not hear that the node has gone.
    if (mine !== turn) return;
    if (nodeId !== 0) members.remove(nodeId);
    await callBack(REMOVE_NODE, id, status.done, nodeId, 0);
  }

  function takeWhoIsWaiting(): void {
    const learning = members.nodes().filter((node) => node.learning && node.audible);
    if (joinMode === "inclusion" && added === undefined) {
      const next = learning.find((node) => !node.joined);
      if (next) void include(next);
    } else if (joinMode === "exclusion") {
      const next = learning[0];
      if (next) void exclude(next);
    }
  }

  /** One is heard at a time: the others ask again. Who has asked is the last to be heard the next time. */
  const asking: VirtualNode[] = [];
  function announce(): void {
    for (const node of members.nodes()) if (node.announcing && !asking.includes(node)) asking.push(node);
    if (joinMode !== "smart-start") return;
    for (let left = asking.length; left > 0; left--) {
      const node = asking.shift();
      if (!node?.announcing || node.joined || !node.canSmartStart) continue;
      asking.push(node);
      if (!node.audible) continue;
      const home = announcedHomeId(node.dsk);
      void send(
        0,
        APPLICATION_UPDATE,
        SMART_START_HOME_ID,
        0,
        0,
        ...home,
        node.information.length,
        ...node.information,
      );
      return;
    }
  }
  const announcing = setInterval(announce, ANNOUNCE);
  announcing.unref();

  function addNode(payload: Uint8Array): void {
    const [options = 0, id = 0] = payload;
    const asked = options & 0x0f;
    turn++;
    if (asked === mode.stop || asked === mode.stopReplication) {
      const nodeId = added ?? 0;
      joinMode = "idle";
      added = undefined;
      void callBack(ADD_NODE, id, status.done, nodeId, 0);
      return;
    }
    added = undefined;
    if (asked === mode.smartStartListen) {
      joinMode = "smart-start";
      announce();
      return;
    }
    callback = id;
    joinMode = "inclusion";
    void callBack(ADD_NODE, id, status.ready, 0, 0);
    if (asked !== mode.smartStartDsk) {
      takeWhoIsWaiting();
      return;
    }
    const home = [...payload.slice(2, 6)].join();
    const wanted = members.nodes().find((node) => node.announcing && announcedHomeId(node.dsk).join() === home);
    if (wanted?.audible && !wanted.joined) void include(wanted);
  }

  function removeNode([options = 0, id = 0]: Uint8Array): void {
    turn++;
    if ((options & 0x0f) === mode.stop) {
      joinMode = "idle";
      void callBack(REMOVE_NODE, id, status.done, 0, 0);
      return;
    }
    callback = id;
    joinMode = "exclusion";
    void callBack(REMOVE_NODE, id, status.ready, 0, 0);
    takeWhoIsWaiting();
  }

  function removeFailedNode([nodeId = 0, id = 0]: Uint8Array): void {
    const known = members.has(nodeId) && unanswered.has(nodeId);
    // 0x08: not on the list of failed nodes.
    void send(1, REMOVE_FAILED_NODE, known ? 0x00 : 0x08);
    if (!known) return;
    // 0 the node answers, 1 it is removed.
    const gone = !members.reachable(nodeId);
    unanswered.delete(nodeId);
    if (gone) members.remove(nodeId);
    void callBack(REMOVE_FAILED_NODE, id, gone ? 1 : 0);
  }

  /** The frame's data goes nowhere: no acknowledgement comes, and the node is on the list of failed ones. */
  function noAnswer(functionId: number, payload: Uint8Array): void {
    const nodeId = payload[functionId === SEND_DATA_BRIDGE ? 1 : 0] ?? 0;
    unanswered.add(nodeId);
    if (functionId === REQUEST_NODE_INFO) {
      void send(1, REQUEST_NODE_INFO, 1);
      void send(0, APPLICATION_UPDATE, NODE_INFO_FAILED, 0, 0);
      return;
    }
    void send(1, functionId, 1);
    // Transmit status, then how long it took, in 10 ms.
    void callBack(functionId, payload.at(-1) ?? 0, NO_ACK, 0, 1);
  }

  const handlers: Readonly<Record<number, (payload: Uint8Array) => void>> = {
    [ADD_NODE]: addNode,
    [REMOVE_NODE]: removeNode,
    [REMOVE_FAILED_NODE]: removeFailedNode,
    [IS_FAILED_NODE]: ([nodeId = 0]) => void send(1, IS_FAILED_NODE, unanswered.has(nodeId) ? 1 : 0),
    [SET_DEFAULT]: ([id = 0]) => {
      members.clear();
      joinMode = "idle";
      void callBack(SET_DEFAULT, id);
    },
  };

  controller.defineBehavior({
    onHostData: (_, data) => {
      // SOF, length, request, function, payload, checksum.
      if (data[0] !== 0x01 || data[2] !== 0x00 || data.length < 5) return false;
      controller.clearReceivedHostMessages();
      const functionId = data[3]!;
      const payload = data.slice(4, -1);
      if (functionId === SEND_DATA || functionId === SEND_DATA_BRIDGE || functionId === REQUEST_NODE_INFO) {
        const nodeId = payload[functionId === SEND_DATA_BRIDGE ? 1 : 0] ?? 0;
        if (members.reachable(nodeId)) {
          unanswered.delete(nodeId);
          return false;
        }
        controller.ackHostMessage();
        noAnswer(functionId, payload);
        return true;
      }
      const handle = handlers[functionId];
      if (!handle) return false;
      controller.ackHostMessage();
      handle(payload);
      return true;
    },
  });

  return {
    joinState: () => ({ mode: joinMode }),
    onPress: takeWhoIsWaiting,
    onPowerOn(node) {
      if (node.joined || !node.canSmartStart) return;
      const isFirst = !members.nodes().some((other) => other.announcing && !other.joined);
      node.announcing = true;
      if (isFirst) announce();
    },
    onConnect() {
      turn++;
      joinMode = "idle";
      added = undefined;
    },
    stop: () => clearInterval(announcing),
  };
}
