import { type Logger, messageOf } from "@hearth/base";
import { type NativeChange, reportingOf, sourcesOfEndpoint } from "../cdmb/conversion.ts";
import { attributeType, clusters } from "./cdmb/clusters.ts";
import { isRawCluster } from "./cdmb/radio-cluster.ts";
import { createDeviceModel, type View } from "./device-model.ts";
import type { StoredDevice } from "./device-store.ts";
import type { DpkDevice } from "./dpk/dpk.ts";
import { createPort } from "./port.ts";
import type { ZigbeeService } from "./service.ts";
import { decodeValue } from "./zcl.ts";

/** Milliseconds for one request of the configuration; a sleeping device polls within a few seconds. */
const PATIENCE = 10_000;

/** Of a device that no table knows in full: clusters, and attributes of each, that are asked for. */
const RAW_CLUSTERS = 8;
const RAW_ATTRIBUTES = 16;
/** From here on they are every cluster's own (ZCL 2.6.1.3): its revision, the status of its reporting. */
const GLOBAL_ATTRIBUTES = 0xf000;

export interface Configured {
  stored: StoredDevice;
  /** The values that it was asked for on the way. */
  heard: { endpointId: string; changes: readonly NativeChange[] }[];
}

/**
 * After an interview: learns the IAS zones' types and which attributes the device lacks, binds the clusters to the
 * coordinator and has the device report. What a device refuses is left; what it does not answer is left too, and
 * `configured` is then not set, so that it is tried again when the device is heard. The binding to a thing is not in it.
 */
export async function configureDevice(
  service: ZigbeeService,
  info: DpkDevice,
  known: StoredDevice | undefined,
  log: Logger,
): Promise<Configured> {
  const { dpk } = service;
  const { address } = info;
  const missing = new Set<string>();
  const raw: StoredDevice["raw"] = {};
  const heard: Configured["heard"] = [];
  const zoneTypes: StoredDevice["zoneTypes"] = {};
  const ask = <T>(run: (within: number) => Promise<T>): Promise<T> => service.ask(address, PATIENCE, run);
  let answered = true;

  /** Only silence means that it has to be done again. */
  async function attempt(what: string, run: () => Promise<unknown>): Promise<void> {
    try {
      await run();
    } catch (error) {
      const code = (error as { responseCode?: number }).responseCode;
      if (code === 503 || code === 504) answered = false;
      log.debug({ address, what, reason: messageOf(error) }, "a device was not configured in full");
    }
  }

  for (const { id, inputs } of info.endpoints) {
    if (!inputs.includes(clusters.zone.id)) continue;
    const [typeId, type] = clusters.zone.attributes.type;
    await attempt("zone type", async () => {
      const to = { address, endpoint: id, cluster: clusters.zone.id };
      const { records } = await ask((within) => dpk.read(to, [typeId], within));
      const value = records[0] && decodeValue(type, records[0].data);
      if (typeof value === "number") zoneTypes[id] = value;
    });
    const before = known?.zoneTypes[id];
    if (zoneTypes[id] === undefined && before !== undefined) zoneTypes[id] = before;
  }

  for (const { id: endpoint, inputs } of info.endpoints) {
    for (const cluster of inputs.filter(isRawCluster).slice(0, RAW_CLUSTERS)) await discover(endpoint, cluster);
  }

  /** What no table knows is asked to report all that it has: nobody here can say what matters of it. */
  async function discover(endpoint: number, cluster: number): Promise<void> {
    const to = { address, endpoint, cluster };
    await attempt(`discover ${cluster}`, async () => {
      const all = await ask((within) => dpk.discover(to, RAW_ATTRIBUTES, within));
      const found = all.filter(({ id }) => id < GLOBAL_ATTRIBUTES);
      raw[`${endpoint}/${cluster}`] = found.map(({ id }) => id);
      await ask((within) => dpk.bind(to, within));
      for (const { id: attribute, type } of found) {
        await attempt(`reporting ${cluster}/${attribute}`, () =>
          ask((within) => dpk.configureReporting(to, [{ attribute, type, min: 1, max: 3600 }], within)),
        );
      }
    });
  }

  const model = createDeviceModel({ info, zoneTypes, missing: [], raw });
  const port = createPort({
    service,
    model,
    left: () => PATIENCE,
    onValues(view, changes) {
      model.arrive(view, changes);
      heard.push({ endpointId: view.id, changes });
    },
    onMissing: ({ native }, cluster, ids) => {
      for (const id of ids) missing.add(`${native.id}/${cluster}/${id}`);
    },
  });
  for (const view of model.views.values()) {
    await attempt("read", () => port.read(view, sourcesOfEndpoint(view)));
    await report(view);
  }

  async function report(view: View): Promise<void> {
    const endpoint = view.native.id;
    const { inputs } = view.native;
    const wanted = reportingOf(view).filter(
      ({ native }) =>
        inputs.has(native["cluster"] as number) &&
        !missing.has(`${endpoint}/${native["cluster"]}/${native["attribute"]}`),
    );
    const concerned = [...view.concerned.keys()].flatMap((key) => /(?:^|&)cluster=(\d+)/.exec(key)?.[1] ?? []);
    const bound = new Set(concerned.map(Number).filter((cluster) => inputs.has(cluster)));
    for (const cluster of bound) {
      const to = { address, endpoint, cluster };
      await attempt(`bind ${cluster}`, () => ask((within) => dpk.bind(to, within)));
      const items = wanted
        .filter(({ native }) => native["cluster"] === cluster)
        .map(({ native, min, max, change }) => ({
          attribute: native["attribute"] as number,
          type: attributeType(cluster, native["attribute"] as number) as number,
          ...{ min, max },
          ...(change === undefined ? {} : { change }),
        }));
      if (items.length === 0) continue;
      await attempt(`reporting ${cluster}`, () => ask((within) => dpk.configureReporting(to, items, within)));
    }
  }

  const stored = { info, ...(answered ? { configured: true } : {}), zoneTypes, missing: [...missing], raw };
  return { stored, heard };
}
