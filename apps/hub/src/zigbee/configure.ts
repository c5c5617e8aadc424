import { type Logger, messageOf } from "@hearth/base";
import { reportingOf, sourcesOfEndpoint } from "../cdmb/conversion.ts";
import { attributeType, clusters } from "./cdmb/clusters.ts";
import { rawClustersOf } from "./cdmb/radio-cluster.ts";
import { createDeviceModel, type View } from "./device-model.ts";
import type { StoredDevice } from "./device-store.ts";
import type { DpkDevice } from "./dpk/dpk.ts";
import { createPort } from "./port.ts";
import type { ZigbeeService } from "./service.ts";
import { decodeValue } from "./zcl.ts";

/** Milliseconds for one request of the configuration; a sleeping device polls within a few seconds. */
const PATIENCE = 10_000;

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
): Promise<StoredDevice> {
  const { dpk } = service;
  const { address } = info;
  const missing = new Set<string>();
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

  const model = createDeviceModel({ info, zoneTypes, missing: [] });
  const port = createPort({
    service,
    model,
    left: () => PATIENCE,
    onValues() {},
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
    const heard = [...view.concerned.keys()].flatMap((key) => /(?:^|&)cluster=(\d+)/.exec(key)?.[1] ?? []).map(Number);
    const bound = new Set([...heard, ...rawClustersOf(view.native)].filter((cluster) => inputs.has(cluster)));
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

  return {
    info,
    ...(answered ? { configured: true } : {}),
    zoneTypes,
    missing: [...missing],
  };
}
