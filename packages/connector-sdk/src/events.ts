import { type ClientOptions, createClient } from "@hearth/client";
import { type CommandEndpoint, describeViolation, type MatterEndpoint, toMatterCommand } from "@hearth/data-model";
import type { CommandResult, DeviceCommand, DiscoveredDevice } from "./handlers.ts";
import { type EndpointState, MatterError, matter } from "./matter.ts";

interface About {
  /** Absent: the one that `connectorEvents` was given, or has found. */
  connectorId?: string;
  /** The user's id at the vendor; absent: the platform finds things by the device's id alone. */
  userId?: string;
}

export interface DeviceEvent extends About {
  connectorDeviceId: string;
  endpoints: readonly EndpointState[];
}

export interface CommandResponse extends About, CommandResult {
  connectorDeviceId: string;
  traceId: string;
}

export interface CommandAsked extends About {
  connectorDeviceId: string;
  /** Of one endpoint. */
  commands: readonly DeviceCommand[];
}

export interface DevicesFound extends About {
  deviceDiscoveryId: string;
  devices: readonly DiscoveredDevice[];
  /** Whether further pages come; false ends the discovery. */
  more: boolean;
}

export interface DiscoveryFailed extends About {
  deviceDiscoveryId: string;
  /** From 400 on. */
  statusCode: number;
  message: string;
}

/** What a connector tells the platform, by SendConnectorEvent (reference 9.4). Rejects with the client's errors. */
export interface ConnectorEvents {
  /** A change that no command of the platform's has caused. */
  deviceEvent(event: DeviceEvent): Promise<void>;
  /** The outcome of a command. The device's state at the platform changes with it, and not before. */
  commandResponse(event: CommandResponse): Promise<void>;
  /** A command that the device itself asks for. */
  commandRequest(event: CommandAsked): Promise<void>;
  /** Devices of a discovery; long lists go in several pages. */
  discovered(event: DevicesFound): Promise<void>;
  discoveryFailed(event: DiscoveryFailed): Promise<void>;
}

export interface ConnectorEventsOptions extends ClientOptions {
  connectorId?: string;
  /** Of the connector: its id at the platform is looked up by it when `connectorId` is not given. */
  functionArn?: string;
}

/** The model: MatterClusters, MatterCommands. */
const MOST_CLUSTERS = 5;
const MOST_DEVICES = 50;
/** Characters of a page's JSON. */
const LARGEST_PAGE = 256 * 1024;
const LONGEST_MESSAGE = 256;
const LONGEST_NAME = 256;
/** "More is to come" is any code of 3xx (reference 9.6). */
const MORE = 302;
const VERSION = "1.0";

/** Sends events with the credentials of the account that registered the connector, from wherever they are (reference 9.3). */
export function connectorEvents(options: ConnectorEventsOptions = {}): ConnectorEvents {
  const { connectorId, functionArn, ...given } = options;
  const client = createClient("iot-managed-integrations", { ...surroundings(), ...given });
  let known: Promise<string> | undefined;

  async function lookUp(): Promise<string> {
    if (connectorId !== undefined) return connectorId;
    if (functionArn === undefined)
      throw new Error("connectorEvents needs the connectorId, or the functionArn to find it by");
    const { Items = [] } = await client.listCloudConnectors({ LambdaArn: functionArn });
    const [only, another] = Items;
    if (!only?.Id) throw new Error(`no connector is registered for ${functionArn}: call CreateCloudConnector first`);
    if (another) throw new Error(`${functionArn} serves several connectors: give the connectorId`);
    return only.Id;
  }

  function ownId(): Promise<string> {
    if (known) return known;
    const looking = lookUp();
    known = looking;
    looking.catch(() => {
      if (known === looking) known = undefined;
    });
    return looking;
  }

  type Event = Omit<Parameters<typeof client.sendConnectorEvent>[0], "ConnectorId" | "UserId" | "OperationVersion">;
  async function send({ connectorId: id, userId }: About, { Message, ...event }: Event): Promise<void> {
    await client.sendConnectorEvent({
      ConnectorId: id ?? (await ownId()),
      ...(userId === undefined ? {} : { UserId: userId }),
      OperationVersion: VERSION,
      ...event,
      ...(Message === undefined ? {} : { Message: plain(Message) }),
    });
  }

  return {
    async deviceEvent(event) {
      for (const MatterEndpoint of statesOf(event.endpoints)) {
        await send(event, { Operation: "DEVICE_EVENT", ConnectorDeviceId: event.connectorDeviceId, MatterEndpoint });
      }
    },

    async commandResponse(event) {
      const about = {
        Operation: "DEVICE_COMMAND_RESPONSE" as const,
        ConnectorDeviceId: event.connectorDeviceId,
        TraceId: event.traceId,
        StatusCode: event.statusCode ?? 200,
        Message: event.message,
      };
      const states = statesOf(event.endpoints ?? []);
      if (states.length === 0) return send(event, about);
      for (const MatterEndpoint of states) await send(event, { ...about, MatterEndpoint });
    },

    async commandRequest(event) {
      const MatterEndpoint = requestOf(event.commands);
      const { connectorDeviceId: ConnectorDeviceId } = event;
      await send(event, { Operation: "DEVICE_COMMAND_REQUEST", ConnectorDeviceId, MatterEndpoint });
    },

    async discovered(event) {
      const pages = pagesOf(event.devices.map(deviceOf));
      for (const [i, Devices] of pages.entries()) {
        await send(event, {
          Operation: "DEVICE_DISCOVERY",
          DeviceDiscoveryId: event.deviceDiscoveryId,
          StatusCode: event.more || i < pages.length - 1 ? MORE : 200,
          Devices,
        });
      }
    },

    async discoveryFailed(event) {
      await send(event, {
        Operation: "DEVICE_DISCOVERY",
        DeviceDiscoveryId: event.deviceDiscoveryId,
        StatusCode: Math.min(550, Math.max(400, event.statusCode)),
        Message: event.message,
      });
    },
  };
}

/** A function's environment holds its role's keys: then nothing else is asked for some. */
export function surroundings(): Pick<ClientOptions, "credentials"> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) return {};
  return {
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    },
  };
}

/** The model lets few characters into a Message (reference 9.4). */
export const plain = (message: string): string =>
  message
    .replace(/[^a-zA-Z0-9_.,@-]+/g, " ")
    .trim()
    .slice(0, LONGEST_MESSAGE) || "no message";

/** An event carries one endpoint of at most five clusters. */
const statesOf = (endpoints: readonly EndpointState[]): MatterEndpoint[] =>
  endpoints.flatMap(({ id, capabilities }) => {
    const parts: MatterEndpoint[] = [];
    for (let start = 0; start < capabilities.length; start += MOST_CLUSTERS) {
      parts.push(matter.state({ id, capabilities: capabilities.slice(start, start + MOST_CLUSTERS) }));
    }
    return parts;
  });

function requestOf(commands: readonly DeviceCommand[]) {
  const [first] = commands;
  if (!first || commands.some(({ endpointId }) => endpointId !== first.endpointId)) {
    throw new MatterError("a command request is about one endpoint");
  }
  const endpoint: CommandEndpoint = {
    endpointId: first.endpointId,
    capabilities: [...new Set(commands.map(({ capability }) => capability))].map((id) => ({
      ...{ id, name: id, version: "1" },
      actions: commands
        .filter(({ capability }) => capability === id)
        .map(({ action, parameters }) => ({ name: action, parameters: { ...parameters } })),
    })),
  };
  const converted = toMatterCommand([endpoint]);
  if ("violations" in converted) {
    throw new MatterError(converted.violations.slice(0, 5).map(describeViolation).join("; "));
  }
  // SendConnectorEvent takes maps where AWS.SendCommand has lists of maps (U27).
  const clusters = converted.endpoints[0]?.clusters ?? [];
  return {
    id: first.endpointId,
    clusters: clusters.map(({ id, commands: own }) => ({ id, commands: Object.assign({}, ...own) })),
  };
}

/** People call their devices what they like; the model lets letters, digits and few others in (ConnectorDeviceName). */
const nameOf = (name = ""): string =>
  name
    .replace(/[^\p{L}\p{N}._-]+/gu, " ")
    .trim()
    .slice(0, LONGEST_NAME)
    .trim();

type Device = ReturnType<typeof deviceOf>;

const deviceOf = ({ id, name, report, metadata }: DiscoveredDevice) => ({
  ConnectorDeviceId: id,
  ...(nameOf(name) ? { ConnectorDeviceName: nameOf(name) } : {}),
  CapabilityReport: matter.report(report),
  ...(metadata === undefined ? {} : { DeviceMetadata: metadata }),
});

/** At least one page, which may be empty. */
function pagesOf(devices: readonly Device[]): Device[][] {
  const pages: Device[][] = [];
  let page: Device[] = [];
  let size = 0;
  for (const device of devices) {
    const length = JSON.stringify(device).length;
    if (page.length >= MOST_DEVICES || (page.length > 0 && size + length > LARGEST_PAGE)) {
      pages.push(page);
      page = [];
      size = 0;
    }
    page.push(device);
    size += length;
  }
  pages.push(page);
  return pages;
}
