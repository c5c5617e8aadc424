import { copyFile, readFile, rm } from "node:fs/promises";
import { type Clock, type Logger, messageOf } from "@hearth/base";
import type { Controller, Events, Models, Zcl } from "zigbee-herdsman";
import { encodeValue, fixedSize, isAnalog, parseFrame, parseReadResponse, ZclStatusError } from "../zcl.ts";
import { createDoorman } from "./doorman.ts";
import {
  type Admission,
  type ClusterAddress,
  type DpkDevice,
  type DpkEvent,
  NetworkLostError,
  NotDeliveredError,
  RadioGoneError,
  type ReportingItem,
  type ZigbeeDpk,
} from "./dpk.ts";
import { abandon, adoptStrays, stackOf, watchReset } from "./herdsman-stack.ts";
import { eraseNetwork, networkFiles, openNetwork, type ZigbeeNetwork } from "./network.ts";

type Library = typeof import("zigbee-herdsman");
type Endpoint = Models.Endpoint;
type SendOptions = NonNullable<Parameters<Endpoint["zclCommand"]>[3]>;

export const adapters = ["zstack", "ember", "deconz", "zigate", "zboss", "zoh"] as const;
export type ZigbeeAdapter = (typeof adapters)[number];

/** Milliseconds for one attempt: longer than a parent keeps a frame for a child that sleeps (7.68 s). */
const ATTEMPT = 8000;

/** Adapters that can write a network's backup into another coordinator. */
const RESTORING: ReadonlySet<string> = new Set(["zstack", "ember"]);

interface HerdsmanOptions {
  /** `tcp://host:port` or a serial device. */
  port: string;
  adapter: ZigbeeAdapter;
  directory: string;
  admit: Admission;
  clock: Clock;
  log: Logger;
}

/**
 * The DPK over zigbee-herdsman: every stick that it can drive. The library is loaded by `start`, since it is large; it
 * keeps its devices in one place for the whole process, so that there is one of these in a process at a time.
 */
export function createHerdsmanDpk({ port, adapter, directory, admit, clock, log }: HerdsmanOptions): ZigbeeDpk {
  const doorman = createDoorman({ admit, clock, log });
  const files = networkFiles(directory);
  const listeners: ((event: DpkEvent) => void)[] = [];
  /** Frames that answer a request which waits now, by device and sequence number: as bytes, not as the library reads them. */
  const caught = new Map<string, Map<number, Buffer>>();
  /** Ends what waits for a stick that is gone. */
  const waiting = new Set<() => void>();
  let library: Library | undefined;
  let controller: Controller | undefined;

  const emit = (event: DpkEvent) => {
    for (const listener of listeners) listener(event);
  };

  function running(): Controller {
    if (!controller) throw new RadioGoneError();
    return controller;
  }

  /**
   * What the stick brings, unless it goes meanwhile: the library waits up to a quarter of a minute for the answer of one that is
   * not there any more.
   */
  function ofStick<T>(request: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(new RadioGoneError());
      waiting.add(abort);
      request.then(resolve, reject).finally(() => waiting.delete(abort));
    });
  }

  /** Nothing is asked of the stick from now on. Returns what drove it. */
  function release(): Controller | undefined {
    const before = controller;
    controller = undefined;
    for (const abort of [...waiting]) abort();
    return before;
  }

  function deviceOf(address: string): Models.Device {
    const device = running().getDeviceByIeeeAddr(`0x${address}`);
    if (!device) throw new Error(`no device ${address}`);
    return device;
  }

  function endpointOf({ address, endpoint }: ClusterAddress): Endpoint {
    const found = deviceOf(address).getEndpoint(endpoint);
    if (!found) throw new Error(`device ${address} has no endpoint ${endpoint}`);
    return found;
  }

  function listen(to: Controller): void {
    const addressOf = (device: Models.Device) => device.ieeeAddr.slice(2);
    to.on("deviceJoined", ({ device }) => emit({ kind: "joined", address: addressOf(device) }));
    to.on("deviceLeave", ({ ieeeAddr }) => emit({ kind: "left", address: ieeeAddr.slice(2) }));
    to.on("deviceAnnounce", ({ device }) => emit({ kind: "seen", address: addressOf(device) }));
    to.on("deviceInterview", ({ device, status }) => {
      if (status !== "started") doorman.settled(addressOf(device));
      if (status === "successful") emit({ kind: "interviewed", address: addressOf(device) });
      if (status === "failed") {
        emit({ kind: "interview-failed", address: addressOf(device), reason: "the device stopped answering" });
      }
    });
    to.on("message", (message) => onMessage(message));
    to.on("adapterDisconnected", () => {
      if (controller !== to) return;
      release();
      void to.stop().catch(() => {});
      emit({ kind: "gone", reason: "the connection to it has ended" });
    });
  }

  function onMessage({ device, endpoint, cluster, meta, linkquality }: Events.MessagePayload): void {
    const address = device.ieeeAddr.slice(2);
    const data = meta.rawData;
    const frame = parseFrame(data);
    const id = clusterId(cluster);
    if (!frame || id === undefined) return;
    caught.get(address)?.set(frame.sequence, data);
    emit({ kind: "frame", address, endpoint: endpoint.ID, cluster: id, data, lqi: linkquality });
  }

  function clusterId(cluster: string | number): number | undefined {
    const known = (library?.Zcl.Clusters as { [name: string]: { ID: number } | undefined } | undefined)?.[cluster];
    const id = known?.ID ?? Number(cluster);
    return Number.isInteger(id) ? id : undefined;
  }

  /**
   * Sends bytes and returns the answer's. The library's own recovery is off: it sends again for up to half a minute,
   * long after the command has been answered with 504.
   */
  async function send(
    to: ClusterAddress,
    kind: "global" | "specific",
    command: { ID: number; response?: number },
    payload: Buffer,
    within: number,
    awaited = true,
  ): Promise<{ frame: Zcl.Frame | undefined; raw: Buffer | undefined }> {
    const { Zcl } = library as Library;
    const endpoint = endpointOf(to);
    const answers = new Map<number, Buffer>();
    caught.set(to.address, answers);
    const options: SendOptions = {
      timeout: Math.max(1, kind === "global" ? Math.min(within, ATTEMPT) : within),
      disableRecovery: true,
      sendPolicy: "immediate",
      ...(to.manufacturer === undefined ? {} : { manufacturerCode: to.manufacturer }),
      ...(awaited ? {} : { disableDefaultResponse: true }),
    };
    try {
      const frame =
        kind === "global"
          ? await endpoint.zclCommand(to.cluster, globalCommand(command), payload as never, options)
          : await endpoint.zclCommand(
              to.cluster,
              specificCommand(command, payload, Zcl),
              { data: payload } as never,
              options,
              undefined,
              false,
              Zcl.FrameType.SPECIFIC,
            );
      return { frame, raw: frame && answers.get(frame.header.transactionSequenceNumber) };
    } catch (error) {
      const raw = lastAnswer(answers, command.response);
      if (raw) return { frame: undefined, raw };
      if (!controller) throw new RadioGoneError();
      if (error instanceof Zcl.StatusError) throw new ZclStatusError(error.code);
      // What is the same when it is done twice may be tried again whatever became of it.
      if (kind === "global" || wasNotDelivered(messageOf(error))) throw new NotDeliveredError();
      // The library's message quotes the whole request, which may hold somebody's PIN.
      throw new Error("no answer");
    } finally {
      if (caught.get(to.address) === answers) caught.delete(to.address);
    }
  }

  /** A device that says no to a request of its management (ZDO) has answered. */
  async function refusable(request: Promise<unknown>): Promise<void> {
    try {
      await request;
    } catch (error) {
      if (!controller) throw new RadioGoneError();
      if (library && error instanceof library.Zdo.StatusError) throw new ZclStatusError(error.code);
      throw new NotDeliveredError();
    }
  }

  async function startUp(): Promise<{ network: string }> {
    const known = await knownDevices(files.database);
    const network = await networkFor(known);
    library ??= await import("zigbee-herdsman");
    // Its messages hold keys.
    library.setLogger({ debug() {}, info() {}, warning() {}, error() {} });
    const fresh = new library.Controller({
      network: {
        panID: network.panId,
        extendedPanID: network.extendedPanId,
        channelList: [network.channel],
        networkKey: network.key,
      },
      serialPort: { path: port, adapter },
      databasePath: files.database,
      databaseBackupPath: files.databaseBackup,
      backupPath: files.backup,
      adapter: { disableLED: false },
      acceptJoiningDeviceHandler: (address) => doorman.ask(address.slice(2)),
    });
    const before = release();
    doorman.stop();
    if (before) await abandon(before, clock);
    try {
      const result = await fresh.start();
      if (result === "reset" && known > 0) {
        await fresh.stop();
        await copyFile(files.databaseBackup, files.database);
        throw new NetworkLostError(lost(known, "the coordinator was erased or replaced and takes no backup"));
      }
      listen(fresh);
      watchReset(fresh);
      adoptStrays(fresh, library, (address) => doorman.left(address));
      controller = fresh;
      const { panID, channel } = await fresh.getNetworkParameters();
      return { network: `PAN 0x${panID.toString(16).padStart(4, "0")}, channel ${channel}` };
    } catch (error) {
      controller = undefined;
      await abandon(fresh, clock);
      if (error instanceof NetworkLostError) throw error;
      throw new RadioGoneError(`the Zigbee coordinator at ${port} is not reachable (${messageOf(error)})`);
    }
  }

  /** Never a new network over devices that are in another: without what restores theirs, nothing is started. */
  async function networkFor(known: number): Promise<ZigbeeNetwork> {
    if (known > 0 && (await readJson(files.network)) === undefined) {
      throw new NetworkLostError(lost(known, `${files.network} is missing or damaged`));
    }
    const network = await openNetwork(directory);
    if (!RESTORING.has(adapter)) return network;
    const backup = (await readJson(files.backup)) as Backup | undefined;
    // Neither takes the other's: the one refuses it, the other begins a new network and writes its backup over this one.
    const isForeign = backup !== undefined && (adapter === "ember") !== (backup.stack_specific?.ezsp !== undefined);
    if (known > 0) {
      if (!backup) throw new NetworkLostError(lost(known, `${files.backup} is missing or damaged`));
      if (backup.network_key?.key?.toLowerCase() !== Buffer.from(network.key).toString("hex")) {
        throw new NetworkLostError(lost(known, `${files.backup} is of another network than ${files.network}`));
      }
      if (isForeign) {
        throw new NetworkLostError(lost(known, `${files.backup} is of another kind of coordinator than ${adapter}`));
      }
    } else if (isForeign) await rm(files.backup);
    return network;
  }

  return {
    async start() {
      try {
        return await startUp();
      } catch (error) {
        if (error instanceof NetworkLostError || error instanceof RadioGoneError) throw error;
        throw new NetworkLostError(messageOf(error));
      }
    },
    async stop() {
      const stopping = release();
      doorman.stop();
      await stopping?.stop().catch(() => {});
    },
    async ping() {
      const stack = stackOf(running());
      // Some adapters remember the one, some the other, ember both; deconz watches its stick itself.
      await stack.getNetworkParameters();
      await stack.getCoordinatorVersion();
      await stack.ezsp?.ezspNop();
    },
    async permitJoin(seconds) {
      await ofStick(running().permitJoin(Math.min(seconds, 254)));
    },
    async addInstallCode(material) {
      const target = running();
      // The library's message may quote the code.
      await ofStick(target.addInstallCode(material)).catch((error) => {
        if (error instanceof RadioGoneError) throw error;
        throw new Error("the label holds no install code that the coordinator takes");
      });
    },
    devices: () => (controller ? controller.getDevices().filter(isPeer).map(describe) : []),
    async interview(address) {
      await deviceOf(address).interview(true);
    },
    async read(to, attributes, within) {
      const payload = Buffer.concat(attributes.map(uint16));
      const { raw } = await send(to, "global", { ID: 0x00, response: 0x01 }, payload, within);
      const frame = raw && parseFrame(raw);
      if (!frame) throw new Error("no answer");
      return parseReadResponse(frame.payload);
    },
    async discover(to, limit, within) {
      const payload = Buffer.concat([uint16(0), Buffer.from([limit])]);
      const { frame } = await send(to, "global", { ID: 0x0c, response: 0x0d }, payload, within);
      const found = (frame?.payload as { attrInfos?: { attrId: number; dataType: number }[] } | undefined)?.attrInfos;
      return (found ?? []).map(({ attrId, dataType }) => ({ id: attrId, type: dataType }));
    },
    async write(to, records, within) {
      const payload = Buffer.concat(records.flatMap(({ id, type, data }) => [uint16(id), Buffer.from([type]), data]));
      const { frame } = await send(to, "global", { ID: 0x02, response: 0x04 }, payload, within);
      checkRecords(frame);
    },
    async command(to, { command, payload, response }, within) {
      const expected = typeof response === "number" ? { ID: command, response } : { ID: command };
      const { frame, raw } = await send(to, "specific", expected, payload, within, response !== "none");
      const status = (frame?.payload as { statusCode?: number } | undefined)?.statusCode;
      if (frame?.header.isGlobal && status) throw new ZclStatusError(status);
      return (raw && parseFrame(raw)?.payload) ?? Buffer.alloc(0);
    },
    async bind(to) {
      const coordinator = running().getDevicesByType("Coordinator")[0]?.endpoints[0];
      if (!coordinator) throw new RadioGoneError();
      await refusable(endpointOf(to).bind(to.cluster, coordinator));
    },
    async configureReporting(to, items, within) {
      const payload = Buffer.concat(items.map(reportingRecord));
      const { frame } = await send(to, "global", { ID: 0x06, response: 0x07 }, payload, within);
      checkRecords(frame);
    },
    async leave(address) {
      await refusable(deviceOf(address).removeFromNetwork());
    },
    forget(address) {
      controller?.getDeviceByIeeeAddr(`0x${address}`)?.removeFromDatabase();
    },
    async reset() {
      const stopping = release();
      await stopping?.stop().catch(() => {});
      await eraseNetwork(directory);
    },
    on: (listener) => void listeners.push(listener),
  };
}

interface Backup {
  network_key?: { key?: string };
  /** What only one kind of coordinator can use, by the kind's name. */
  stack_specific?: { ezsp?: unknown };
}

const lost = (known: number, reason: string): string =>
  `${reason}, and ${known} ${known === 1 ? "device is" : "devices are"} in the hub's Zigbee network: put the file or the coordinator back, or off-board the hub (or empty its Zigbee directory) and pair the devices again`;

const isPeer = (device: Models.Device): boolean => device.type !== "Coordinator" && device.type !== "GreenPower";

function describe(device: Models.Device): DpkDevice {
  return {
    address: device.ieeeAddr.slice(2),
    interviewed: device.interviewState === "SUCCESSFUL",
    sleepy: device.type === "EndDevice" && !device.powerSource?.startsWith("Mains"),
    ...(device.manufacturerName ? { brand: device.manufacturerName } : {}),
    ...(device.modelID ? { model: device.modelID } : {}),
    endpoints: device.endpoints.map((endpoint) => ({
      id: endpoint.ID,
      profile: endpoint.profileID ?? 0,
      deviceType: endpoint.deviceID ?? 0,
      inputs: endpoint.inputClusters,
      outputs: endpoint.outputClusters,
    })),
  };
}

type Command = Exclude<Parameters<Endpoint["zclCommand"]>[1], string | number>;

/** A command of every cluster whose payload is bytes already. */
const globalCommand = ({ ID, response }: { ID: number; response?: number }): Command =>
  ({
    ID,
    name: `global${ID}`,
    response,
    write: (buffalo: { writeBuffer(data: Buffer, length: number): void }, payload: Buffer) =>
      buffalo.writeBuffer(payload, payload.length),
  }) as unknown as Command;

const specificCommand = (
  { ID, response }: { ID: number; response?: number },
  payload: Buffer,
  { BuffaloZclDataType }: Library["Zcl"],
): Command =>
  ({
    ID,
    name: `command${ID}`,
    ...(response === undefined ? {} : { response }),
    parameters: payload.length > 0 ? [{ name: "data", type: BuffaloZclDataType.BUFFER }] : [],
  }) as unknown as Command;

/** The library cannot read answers of clusters that it does not know; the bytes are enough. */
const lastAnswer = (answers: ReadonlyMap<number, Buffer>, response: number | undefined): Buffer | undefined =>
  [...answers.values()].findLast((data) => {
    const frame = parseFrame(data);
    return frame !== undefined && !frame.global && frame.command === response;
  });

/**
 * Z-Stack's confirmations of sending that say so, and EmberZNet's refusals to send; a missing acknowledgement is none, since
 * it may only have been lost, and is all that EmberZNet tells afterwards ("Delivery failed").
 */
const wasNotDelivered = (message: string): boolean =>
  /MAC_TRANSACTION_EXPIRED|NWK_NO_ROUTE|MAC_CHANNEL_ACCESS_FAILURE|BUFFER_FULL|MAC_NO_RESOURCES/.test(message) ||
  /Failed to send request with status=(?:BUSY|ALLOCATION_FAILED|NETWORK_DOWN|ZIGBEE_MAX_MESSAGE_LIMIT_REACHED)\b/.test(
    message,
  );

/** Responses of write and configure reporting: a list of statuses, where one success stands for all. */
function checkRecords(frame: Zcl.Frame | undefined): void {
  const records = frame?.payload as { status?: number }[] | { statusCode?: number } | undefined;
  const statuses = Array.isArray(records) ? records.map(({ status }) => status) : [records?.statusCode];
  const refused = statuses.find((status) => status !== undefined && status !== 0);
  if (refused !== undefined) throw new ZclStatusError(refused);
}

function uint16(value: number): Buffer {
  return Buffer.from([value & 0xff, value >> 8]);
}

/** ZCL 2.5.7.1: the least change is there for types that have an order, in that type. */
function reportingRecord({ attribute, type, min, max, change }: ReportingItem): Buffer {
  const head = [Buffer.from([0]), uint16(attribute), Buffer.from([type]), uint16(min), uint16(max)];
  if (!isAnalog(type)) return Buffer.concat(head);
  // Without one it is zero, which is the same in every type: any change.
  const least = change === undefined ? Buffer.alloc(fixedSize(type) ?? 0) : encodeValue(type, change);
  return Buffer.concat([...head, least]);
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** Devices in the library's database: a line each. */
async function knownDevices(path: string): Promise<number> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").filter((line) => /"type":"(?:EndDevice|Router|Unknown)"/.test(line)).length;
}
