import { createDevice, createMqttAgent } from "@hearth/device-sdk";
import mqtt from "mqtt";
import type { ServerFile } from "../kit/server-process.ts";
import { type Clients, clientsOf, type ProvisionedDevice, placeOf, RECORDS } from "./doors.ts";
import type { Ledger } from "./ledger.ts";

/** Who writes: made once, kept over every kill. */
export interface Writers {
  certificate: { certificate: string; privateKey: string };
  device: ProvisionedDevice;
}

export interface Load {
  /** Resolves with the first acknowledgement. */
  first: Promise<void>;
  /** From now on a failure is the kill's. */
  expectEnd(): void;
  /** Resolves when every worker has ended and all answers that came are in the ledger. Call it once the server is dead. */
  ended(): Promise<void>;
}

const UPDATES_IN_FLIGHT = 4;
const OWN_SHADOW = "by-mqtt";
const HTTP_SHADOW = "by-http";
const POWER_CAPABILITY = "matter.OnOff@1.4";

/** Writes over all doors at once, without end, and notes in the ledger what is acknowledged. */
export function startLoad(file: ServerFile, writers: Writers, ledger: Ledger, round: number): Load {
  const clients = clientsOf(file);
  let over = false;
  let toldFirst: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    toldFirst = resolve;
  });
  const acknowledge = (take: () => unknown) => {
    ledger.acknowledge(take);
    toldFirst();
  };
  const endings: (() => Promise<unknown>)[] = [];

  /** Repeats `step` until the server is gone. */
  const forever = async (name: string, step: (count: number) => Promise<void>): Promise<void> => {
    for (let count = 1; ; count++) {
      try {
        await step(count);
      } catch (error) {
        if (!over) ledger.problems.push(`round ${round}: ${name}: ${error instanceof Error ? error.stack : error}`);
        toldFirst();
        return;
      }
    }
  };

  const workers = [
    ...apiWorkers(clients, ledger, acknowledge, round).map(([name, step]) => forever(name, step)),
    ...shadowWorkers(file, writers, ledger, acknowledge, endings).map(([name, step]) => forever(name, step)),
    ...deviceWorkers(file, clients, writers, ledger, acknowledge, endings, () => over).map(([name, step]) =>
      forever(name, step),
    ),
  ];
  return {
    first,
    expectEnd() {
      over = true;
    },
    async ended() {
      for (const end of endings) await end();
      await Promise.all(workers);
    },
  };
}

type Acknowledge = (take: () => unknown) => void;
type Worker = [name: string, step: (count: number) => Promise<void>];

function apiWorkers(
  { iot, iotData, managed, kinesis }: Clients,
  ledger: Ledger,
  acknowledge: Acknowledge,
  round: number,
): Worker[] {
  const slot = ledger.slot(HTTP_SHADOW, "http");
  return [
    [
      "CreateThing",
      async (count) => {
        const thingName = `thing-${round}-${count}`;
        await iot.send("CreateThing", { thingName });
        acknowledge(() => ledger.things.add(thingName));
      },
    ],
    [
      "CreateManagedThing",
      async (count) => {
        const { Id = "" } = await managed.send("CreateManagedThing", {
          Role: "DEVICE",
          AuthenticationMaterialType: "WIFI_SETUP_QR_BAR_CODE",
          AuthenticationMaterial: `SN:LOAD-${round}-${count};UPC:829576019524`,
        });
        if (ledger.managedThings.has(Id)) ledger.problems.push(`the id ${Id} was given twice`);
        acknowledge(() => ledger.managedThings.add(Id));
        if (count % 4 !== 0) return;
        ledger.deleting.add(Id);
        await managed.send("DeleteManagedThing", { Identifier: Id, Force: true });
        acknowledge(() => ledger.deletions.add(Id));
      },
    ],
    [
      "PutRecord",
      async (count) => {
        const data = `record-${round}-${count}`;
        const { SequenceNumber = "" } = await kinesis.send("PutRecord", {
          StreamName: RECORDS,
          PartitionKey: "load",
          Data: Buffer.from(data),
        });
        if (ledger.records.has(SequenceNumber)) {
          ledger.problems.push(`the sequence number ${SequenceNumber} was given twice`);
        }
        acknowledge(() => ledger.records.set(SequenceNumber, data));
      },
    ],
    [
      "UpdateThingShadow",
      async () => {
        const value = ++slot.sent;
        const payload = Buffer.from(JSON.stringify({ state: { reported: { http: value } } }));
        await iotData.send("UpdateThingShadow", { thingName: HTTP_SHADOW, payload });
        acknowledge(() => {
          slot.acknowledged = value;
        });
      },
    ],
  ];
}

/** A device over MQTT.js: several shadow updates in flight, each acknowledged by its PUBACK. */
function shadowWorkers(
  file: ServerFile,
  { certificate }: Writers,
  ledger: Ledger,
  acknowledge: Acknowledge,
  endings: (() => Promise<unknown>)[],
): Worker[] {
  const { host, port, ca } = placeOf(file);
  const client = mqtt.connect({
    protocol: "mqtts",
    host,
    port,
    ca,
    cert: certificate.certificate,
    key: certificate.privateKey,
    clientId: OWN_SHADOW,
    protocolVersion: 5,
    reconnectPeriod: 0,
  });
  // Every worker learns of it from its own publish.
  client.on("error", () => {});
  const gone = new Promise<never>((_, reject) => {
    client.on("close", () => reject(new Error("the MQTT connection is gone")));
  });
  gone.catch(() => {});
  endings.push(() => client.endAsync(true));
  return Array.from({ length: UPDATES_IN_FLIGHT }, (_, index): Worker => {
    const member = `m${index}`;
    const slot = ledger.slot(OWN_SHADOW, member);
    return [
      `shadow update ${member}`,
      async () => {
        const value = ++slot.sent;
        const document = JSON.stringify({ state: { reported: { [member]: value } } });
        await Promise.race([
          gone,
          client.publishAsync(`$aws/things/${OWN_SHADOW}/shadow/update`, document, { qos: 1 }).then(() =>
            acknowledge(() => {
              slot.acknowledged = value;
            }),
          ),
        ]);
      },
    ];
  });
}

let reported = 0;

/** A device of the SDK: commands that it answers, and reports of a property that counts. */
function deviceWorkers(
  file: ServerFile,
  { managed }: Clients,
  writers: Writers,
  ledger: Ledger,
  acknowledge: Acknowledge,
  endings: (() => Promise<unknown>)[],
  isOver: () => boolean,
): Worker[] {
  const { credential, store } = writers.device;
  const agent = createMqttAgent({ connection: { ...placeOf(file), ...credential } });
  let on = false;
  const device = createDevice({
    agent,
    store,
    id: credential.managedThingId,
    nodeId: "killed",
    onRejected: (reason) => {
      if (!isOver()) ledger.problems.push(`a message of the device was rejected: ${JSON.stringify(reason)}`);
    },
  });
  device.endpoint("1", { deviceTypes: ["On/Off Light"] }).capability(POWER_CAPABILITY, {
    name: "On/Off",
    version: "6",
    properties: { OnOff: { get: () => on }, OnTime: { get: () => reported } },
    actions: {
      Toggle: () => {
        on = !on;
      },
    },
  });
  endings.push(() => agent.stop({ timeout: 0 }));
  const started = device.start();
  started.catch(() => {});
  const command = { id: POWER_CAPABILITY, name: "On/Off", version: "6", actions: [{ name: "Toggle", parameters: {} }] };
  return [
    [
      "SendManagedThingCommand",
      async () => {
        await started;
        const { TraceId = "" } = await managed.send("SendManagedThingCommand", {
          ManagedThingId: credential.managedThingId,
          Endpoints: [{ endpointId: "1", capabilities: [command] }],
        });
        if (ledger.commands.has(TraceId)) ledger.problems.push(`the trace id ${TraceId} was given twice`);
        acknowledge(() => ledger.commands.add(TraceId));
      },
    ],
    [
      "DEVICE_EVENT",
      async () => {
        await started;
        const value = ++reported;
        await device.reportProperties("1", POWER_CAPABILITY, { OnTime: value });
        acknowledge(() => ledger.reports.add(value));
      },
    ],
  ];
}
