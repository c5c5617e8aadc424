import { euiToWire, octets, u16, u32 } from "../octets.ts";
import { EmberStatus, FrameId } from "./codes.ts";
import type { EzspCommands, Ncp } from "./ncp.ts";
import { PARAMETERS_LENGTH } from "./tokens.ts";

/** `EmberNodeType` and `EmberNetworkStatus`. */
const NodeType = { UNKNOWN: 0, COORDINATOR: 1 } as const;
const NetworkState = { NONE: 0, JOINED: 2 } as const;
const NO_ADDRESS = 0xfffe;
const POWER = { least: -20, most: 20 } as const;

/** Forming, resuming, leaving and opening a network (UG100, 5.4). */
export function createNetworkCommands(ncp: Ncp): EzspCommands {
  const { tokens } = ncp;
  const success = octets(EmberStatus.SUCCESS);
  return {
    [FrameId.NETWORK_INIT]: () => {
      if (ncp.started) return octets(EmberStatus.INVALID_CALL);
      if (!tokens.network) return octets(EmberStatus.NOT_JOINED);
      tokens.stepFrameCounter();
      ncp.bringUp();
      return success;
    },
    [FrameId.FORM_NETWORK]: (parameters) => {
      const security = ncp.memory.initialSecurity;
      if (ncp.started) return octets(EmberStatus.INVALID_CALL);
      if (!security) return octets(EmberStatus.SECURITY_STATE_NOT_SET);
      // The whole of it, or the command ends too early.
      parameters.readUInt8(PARAMETERS_LENGTH - 1);
      if (!security.keepsFrameCounter) tokens.frameCounter = 0;
      tokens.form(
        parameters.subarray(0, PARAMETERS_LENGTH),
        security.networkKey,
        security.networkKeySequence,
        security.trustCentreKey,
      );
      ncp.memory.initialSecurity = undefined;
      ncp.bringUp();
      return success;
    },
    [FrameId.LEAVE_NETWORK]: () => {
      if (!ncp.started) return octets(EmberStatus.INVALID_CALL);
      ncp.takeDown();
      tokens.leave();
      return success;
    },
    [FrameId.NETWORK_STATE]: () => octets(ncp.started ? NetworkState.JOINED : NetworkState.NONE),
    [FrameId.PERMIT_JOINING]: (parameters) => {
      const seconds = parameters.readUInt8(0);
      if (!ncp.started) return octets(EmberStatus.NOT_JOINED);
      ncp.permitJoin(seconds, true);
      return success;
    },
    [FrameId.GET_EUI64]: () => euiToWire(ncp.eui64),
    [FrameId.GET_NODE_ID]: () => u16(ncp.started ? 0 : NO_ADDRESS),
    [FrameId.GET_NETWORK_PARAMETERS]: () => {
      const { parameters } = tokens;
      if (!ncp.started || !parameters) {
        return octets(EmberStatus.NOT_JOINED, NodeType.UNKNOWN, Buffer.alloc(PARAMETERS_LENGTH));
      }
      return octets(EmberStatus.SUCCESS, NodeType.COORDINATOR, parameters);
    },
    [FrameId.SET_RADIO_POWER]: (parameters) => {
      const power = parameters.readInt8(0);
      return octets(power < POWER.least || power > POWER.most ? EmberStatus.INVALID_CALL : EmberStatus.SUCCESS);
    },
    // Everybody is one hop away: there are no routes to be discovered.
    [FrameId.SET_CONCENTRATOR]: () => success,
    [FrameId.SET_SOURCE_ROUTE_DISCOVERY_MODE]: () => u32(0),
  };
}
