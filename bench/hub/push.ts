import { readFileSync } from "node:fs";
import mqtt from "mqtt";
import { presign } from "../../tests/doors/wire.ts";
import type { ServerFile } from "../../tests/kit/server-process.ts";

const PATIENCE = 60_000;
const TOPIC = /^\$aws\/things\/([^/]+)\/shadow\/update\/accepted$/;

/** What an app is told of its things' states, as they change. */
export interface Push {
  /** Every value of the property so far, in the order of their arrival: `matter.OnOff/OnOff` of endpoint 1. */
  values(thingId: string, property: string): readonly unknown[];
  /** Resolves when `isThere` says so, which is asked whenever there is news of the thing; rejects after a minute. */
  until(thingId: string, what: string, isThere: () => boolean): Promise<void>;
  close(): Promise<void>;
}

/**
 * Over WebSocket, from the classic shadow of each managed thing, which follows its state in the same transaction. To ask for the
 * state until it has changed would measure the asking: it cost the server several times what the command does.
 */
export async function openPush(file: ServerFile): Promise<Push> {
  const scope = { credentials: file, region: file.region, service: "iotdevicegateway" };
  const { path } = await presign(file.httpsEndpoint, { method: "GET", path: "/mqtt", headers: {} }, scope, 60);
  const ca = readFileSync(file.caFile, "utf8");
  const client = await mqtt.connectAsync({
    ...{ protocol: "wss", host: "localhost", port: Number(new URL(file.httpsEndpoint).port), path },
    ...{ wsOptions: { ca }, protocolVersion: 5, clientId: "bench-app", reconnectPeriod: 0 },
  });
  const values = new Map<string, unknown[]>();
  const waiting = new Map<string, Set<() => void>>();
  const of = (key: string): unknown[] => {
    const found = values.get(key) ?? [];
    values.set(key, found);
    return found;
  };
  client.on("message", (topic, payload) => {
    const id = TOPIC.exec(topic)?.[1];
    if (id === undefined) return;
    const { state } = JSON.parse(payload.toString()) as { state?: { reported?: { endpoints?: Endpoints } } };
    for (const [capability, properties] of Object.entries(state?.reported?.endpoints?.["1"] ?? {})) {
      for (const [name, value] of Object.entries(properties)) of(`${id}/${capability}/${name}`).push(value);
    }
    for (const look of waiting.get(id) ?? []) look();
  });
  await client.subscribeAsync("$aws/things/+/shadow/update/accepted", { qos: 1 });

  return {
    values: (thingId, property) => of(`${thingId}/${property}`),
    until: (thingId, what, isThere) =>
      new Promise((resolve, reject) => {
        const looks = waiting.get(thingId) ?? new Set();
        waiting.set(thingId, looks);
        const timer = setTimeout(() => {
          looks.delete(look);
          reject(new Error(`waited ${PATIENCE / 1000} s in vain for ${what} of ${thingId}`));
        }, PATIENCE);
        const look = () => {
          if (!isThere()) return;
          looks.delete(look);
          clearTimeout(timer);
          resolve();
        };
        looks.add(look);
        look();
      }),
    close: () => client.endAsync(),
  };
}

type Endpoints = Record<string, Record<string, Record<string, unknown>>>;
