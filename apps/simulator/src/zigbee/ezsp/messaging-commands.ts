import { ALL_DEVICES, type Delivery, FIRST_BROADCAST } from "../coordinator.ts";
import { coordinatorSubject } from "../coordinator-subject.ts";
import type { ApsFrame, ZigbeeNode } from "../device/node.ts";
import { answerZdp, Zdp, ZdpStatus } from "../device/zdp.ts";
import { octets, u16 } from "../octets.ts";
import { EmberStatus, FrameId } from "./codes.ts";
import type { EzspCommands, Ncp } from "./ncp.ts";
import { COUNTER_STEP } from "./tokens.ts";

/** `EmberOutgoingMessageType` and `EmberIncomingMessageType`. */
const Outgoing = { DIRECT: 0, MULTICAST: 3, BROADCAST: 6 } as const;
export const Incoming = { UNICAST: 0, BROADCAST: 4 } as const;
/** What fits a frame without the stack's own fragments. */
const LONGEST_PAYLOAD = 82;
const APS_FRAME_LENGTH = 11;
const DEVICE_PROFILE = 0x0000;
const RESPONSE = 0x8000;
/** `EmberApsOption`: acknowledged. */
const RETRY = 0x0040;
/** Flag of a leave request (Zigbee specification 2.4.3.3.5). */
const REJOIN = 0x80;
const LINK_QUALITY = 160;
const SIGNAL = -60;
const NO_INDEX = 0xff;

/** Data frames to devices, and the device profile, which the host speaks by itself (UG100, 5.6). */
export function createMessagingCommands(ncp: Ncp): EzspCommands {
  const subject = coordinatorSubject(
    {
      air: ncp.air,
      eui64: ncp.eui64,
      get endpoints() {
        return ncp.memory.endpoints;
      },
      get network() {
        return ncp.tokens.network;
      },
    },
    () => ncp.memory.manufacturer,
  );

  interface Message {
    type: number;
    destination: number;
    /** `EmberApsFrame`, as it goes back in the callback. */
    aps: Buffer;
    frame: ApsFrame;
    tag: number;
  }

  function answer(request: ApsFrame, from: number, payload: Buffer): void {
    const data = octets(request.data.subarray(0, 1), payload);
    const frame = { ...request, cluster: request.cluster | RESPONSE, data };
    ncp.callback(FrameId.INCOMING_MESSAGE_HANDLER, incomingMessage(ncp, from, frame, Incoming.UNICAST));
  }

  /** A request of the device profile that a device answers, or does not. */
  function ask(node: ZigbeeNode, frame: ApsFrame): void {
    const payload = frame.data.subarray(1);
    const answered = node.answer(frame.cluster, payload);
    if (answered.length === 0) return;
    ncp.air.reply(node, () => {
      answer(frame, node.membership?.address ?? 0, answered);
      if (answered[0] !== ZdpStatus.SUCCESS) return;
      if (frame.cluster === Zdp.MGMT_LEAVE) node.dismissed(((payload[8] ?? 0) & REJOIN) !== 0);
      // Who joins at a router is let in by the trust centre all the same.
      if (frame.cluster === Zdp.MGMT_PERMIT_JOINING) ncp.permitJoin(payload[0] ?? 0, false);
    });
  }

  const arrive = (node: ZigbeeNode, frame: ApsFrame, unicast: boolean): void => {
    if (frame.profile === DEVICE_PROFILE) ask(node, frame);
    else node.receive(frame, unicast);
  };

  function transmit({ type, destination, aps, frame, tag }: Message): void {
    const confirm = (outcome: Delivery) => {
      const status = outcome === "delivered" ? EmberStatus.SUCCESS : EmberStatus.DELIVERY_FAILED;
      const noContents = 0;
      ncp.callback(FrameId.MESSAGE_SENT_HANDLER, octets(type, u16(destination), aps, tag, status, noContents));
    };
    const later = (run: () => void) => setImmediate(() => ncp.started && run());
    if (type === Outgoing.MULTICAST) {
      // No virtual device is in a group.
      later(() => confirm("delivered"));
    } else if (type === Outgoing.BROADCAST) {
      ncp.air.broadcast(destination === ALL_DEVICES, (node) => arrive(node, frame, false));
      later(() => {
        confirm("delivered");
        const isSearch = frame.profile === DEVICE_PROFILE && frame.cluster === Zdp.NWK_ADDR;
        if (isSearch) answerIfOwn(frame);
      });
    } else if (destination === 0) {
      later(() => {
        confirm("delivered");
        if (frame.profile === DEVICE_PROFILE)
          answer(frame, 0, answerZdp(subject, frame.cluster, frame.data.subarray(1)));
      });
    } else ncp.air.unicast(destination, (node) => arrive(node, frame, true), confirm);
  }

  function answerIfOwn(frame: ApsFrame): void {
    const found = answerZdp(subject, frame.cluster, frame.data.subarray(1));
    if (found.length > 0) answer(frame, 0, found);
  }

  /** Takes a message for sending: status, and the sequence number that its frame was given. */
  function send(type: number, destination: number, parameters: Buffer, at: { aps: number; tag: number }): Buffer {
    const length = parameters.readUInt8(at.tag + 1);
    const data = Buffer.from(parameters.subarray(at.tag + 2, at.tag + 2 + length));
    const refused = (status: number) => octets(status, 0);
    if (data.length !== length || length > LONGEST_PAYLOAD) return refused(EmberStatus.MESSAGE_TOO_LONG);
    if (!ncp.started) return refused(EmberStatus.NETWORK_DOWN);
    const { memory, tokens } = ncp;
    memory.apsSequence = (memory.apsSequence + 1) & 0xff;
    memory.sent += 1;
    if (memory.sent === COUNTER_STEP) {
      tokens.stepFrameCounter();
      memory.sent = 0;
    }
    const aps = Buffer.from(parameters.subarray(at.aps, at.aps + APS_FRAME_LENGTH));
    aps[APS_FRAME_LENGTH - 1] = memory.apsSequence;
    const frame: ApsFrame = {
      profile: aps.readUInt16LE(0),
      cluster: aps.readUInt16LE(2),
      sourceEndpoint: aps.readUInt8(4),
      destinationEndpoint: aps.readUInt8(5),
      data,
    };
    transmit({ type, destination, aps, frame, tag: parameters.readUInt8(at.tag) });
    return octets(EmberStatus.SUCCESS, memory.apsSequence);
  }

  return {
    [FrameId.MAXIMUM_PAYLOAD_LENGTH]: () => octets(LONGEST_PAYLOAD),
    // Type, destination, APS frame, tag, payload. No address table and no bindings: the host names addresses.
    [FrameId.SEND_UNICAST]: (parameters) => {
      const type = parameters.readUInt8(0);
      const destination = parameters.readUInt16LE(1);
      if (type !== Outgoing.DIRECT || destination >= FIRST_BROADCAST) return octets(EmberStatus.INVALID_CALL, 0);
      return send(type, destination, parameters, { aps: 3, tag: 3 + APS_FRAME_LENGTH });
    },
    // Destination, APS frame, radius, tag, payload
    [FrameId.SEND_BROADCAST]: (parameters) => {
      const destination = parameters.readUInt16LE(0);
      if (destination < FIRST_BROADCAST) return octets(EmberStatus.INVALID_CALL, 0);
      return send(Outgoing.BROADCAST, destination, parameters, { aps: 2, tag: 3 + APS_FRAME_LENGTH });
    },
    // APS frame, hops, radius of those that are no members, tag, payload
    [FrameId.SEND_MULTICAST]: (parameters) => {
      const group = parameters.readUInt16LE(8);
      return send(Outgoing.MULTICAST, group, parameters, { aps: 0, tag: 2 + APS_FRAME_LENGTH });
    },
  };
}

/** A frame of a device, as the host is told of it. */
export function incomingMessage(ncp: Ncp, from: number, frame: ApsFrame, type: number): Buffer {
  const { memory } = ncp;
  memory.heard = (memory.heard + 1) & 0xff;
  const noGroup = 0;
  const aps = octets(
    u16(frame.profile),
    u16(frame.cluster),
    frame.sourceEndpoint,
    frame.destinationEndpoint,
    u16(RETRY),
    u16(noGroup),
    memory.heard,
  );
  const received = octets(LINK_QUALITY, SIGNAL & 0xff, u16(from), NO_INDEX, NO_INDEX);
  return octets(type, aps, received, frame.data.length, frame.data);
}
