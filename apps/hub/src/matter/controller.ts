import type { Logger as HubLogger } from "@hearth/base";
import { messageOf } from "@hearth/base";
import {
  causedBy,
  Environment,
  Filesystem,
  LogDestination,
  LogFormat,
  Logger,
  LogLevel,
  NodeId,
  Seconds,
  ServerNode,
  StorageService,
  UnexpectedDataError,
  VendorId,
  WalStorageDriver,
} from "@matter/main";
import { ChangeNotificationService, type ClientNode, ControllerBehavior } from "@matter/main/node";
import { NodeJsFilesystem } from "@matter/nodejs";
import type { SetupCode } from "./setup-code.ts";

/** A device that waits to be commissioned, as it announces itself. */
export interface Commissionable {
  /** The same while it waits. */
  readonly id: string;
  readonly discriminator: number;
}

/** The hub's own fabric and the devices in it: matter.js in the plug-in's words. */
export interface MatterController {
  /** Devices of the fabric, by their node ids. */
  nodes(): ReadonlyMap<bigint, ClientNode>;
  /** The first device that waits to be commissioned and is `wanted`; undefined when none is heard within `seconds`. */
  find(wanted: (device: Commissionable) => boolean, seconds: number): Promise<Commissionable | undefined>;
  /** Takes a device into the fabric. @throws Error that says why it could not be */
  commission(id: string, code: SetupCode, nodeId: bigint): Promise<ClientNode>;
  /** Values and events that devices report. */
  onChange(listener: (change: ChangeNotificationService.Change) => void): void;
  /** A device is in the fabric no more; also when it has left by itself. */
  onGone(listener: (node: ClientNode) => void): void;
  stop(): Promise<void>;
}

/** A device says something at least every so many seconds, if only that it is there. */
const SILENCE = 20;
/** A device that does not answer where it was is asked where mDNS says it is; left to itself, the library waits 45 s. */
const NEXT_ADDRESS = Seconds(10);
/** Seconds in which a device has to prove that it knows the passcode. */
const PROOF = 15;

/** The library has one log for its process, and warns of what is every day's with devices that come and go. */
function logTo(log: HubLogger): void {
  const format = LogFormat.formats["plain"] as (message: unknown) => string;
  const add = ({ level, facility, values }: { level: LogLevel; facility: string; values: unknown }) =>
    log[level >= LogLevel.ERROR ? "warn" : "debug"](
      { facility },
      format(values).replace(/\s+/g, " ").trim().slice(0, 512),
    );
  Logger.destinations["default"] = LogDestination({ name: "default", level: LogLevel.WARN, add });
}

/**
 * Starts the controller. Its fabric, keys and devices are in `directory` (a log of records, each written through to the
 * disk): whoever has them controls the devices.
 */
export async function startController(directory: string, log: HubLogger): Promise<MatterController> {
  logTo(log);
  const environment = new Environment("hearth-hub", Environment.default);
  environment.set(Filesystem, new NodeJsFilesystem(directory));
  const storage = new StorageService(environment);
  storage.registerDriver(WalStorageDriver);
  storage.configuredDriver = WalStorageDriver.id;

  const server = await ServerNode.create(ServerNode.RootEndpoint.with(ControllerBehavior), {
    id: "controller",
    environment,
    // Any free port: devices answer to where they were asked from.
    network: { port: 0, ble: false, timing: { delayBeforeNextAddress: NEXT_ADDRESS } },
    commissioning: { enabled: false },
    controller: { adminFabricLabel: "Hearth", ble: false },
    basicInformation: {
      vendorId: VendorId(0xfff1),
      vendorName: "Hearth",
      productId: 0x8000,
      productName: "Hub",
      hardwareVersion: 1,
      softwareVersion: 1,
    },
  });
  await server.start();

  const waiting = (node: ClientNode): Commissionable | undefined => {
    const { discriminator } = node.state.commissioning;
    return node.lifecycle.isCommissioned || discriminator === undefined ? undefined : { id: node.id, discriminator };
  };

  return {
    nodes: () =>
      new Map(
        [...server.peers].flatMap((node): [bigint, ClientNode][] => {
          const address = node.peerAddress;
          return address ? [[BigInt(address.nodeId), node]] : [];
        }),
      ),
    async find(wanted, seconds) {
      const discovery = server.peers.discover({ timeout: Seconds(seconds) });
      let found: Commissionable | undefined;
      discovery.discovered.on((node) => {
        const device = waiting(node);
        if (found || !device || !wanted(device)) return;
        found = device;
        discovery.stop();
      });
      await discovery;
      return found;
    },
    async commission(id, { passcode }, nodeId) {
      const node = server.peers.get(id);
      if (!node) throw new Error("the device does not announce itself any more");
      try {
        return await server.peers.runCommissioning(node, () =>
          node.act("commission", (agent) =>
            agent.commissioning.commission({
              passcode,
              nodeId: NodeId(nodeId),
              timeout: Seconds(PROOF),
              defaultSubscription: { maxIntervalCeiling: Seconds(SILENCE) } as never,
              // Without the ledger of Matter's makers no more can be known than that the certificates fit together.
              onAttestationFailure: true,
            }),
          ),
        );
      } catch (error) {
        // The passcode's two proofs did not fit (Matter 1.4, 3.10: PASE).
        const isPasscode = causedBy(error, UnexpectedDataError) && messageOf(error).includes("key confirmation");
        const problem = isPasscode ? "the setup code is not that of the device that answers" : messageOf(error);
        throw new Error(problem, { cause: error });
      }
    },
    onChange: (listener) => void server.env.get(ChangeNotificationService).change.on(listener),
    onGone: (listener) => void server.peers.deleted.on(listener),
    stop: () => server.close(),
  };
}
