import type { JsonObject } from "@hearth/device-sdk";
import type { NativePort } from "../cdmb/command.ts";
import { type NativeChange, type NativeRef, refKey } from "../cdmb/conversion.ts";
import { ActionError } from "../plugins/action-error.ts";
import { attributeType, clusters, commandOf } from "./cdmb/clusters.ts";
import type { ZigbeeEndpoint } from "./cdmb/endpoint.ts";
import {
  attributeIds,
  bytes,
  MOST_ATTRIBUTES,
  MOST_BYTES,
  number,
  rawClusters,
  rawRead,
  rawRequest,
  rawSend,
  rawWrite,
} from "./cdmb/radio-cluster.ts";
import type { DeviceModel, View } from "./device-model.ts";
import type { ClusterAddress } from "./dpk/dpk.ts";
import { changesOfRecords, rawAttribute, rawAttributeIds, rawClustersKey } from "./frames.ts";
import type { ZigbeeService } from "./service.ts";
import { type AttributeRecord, decodeFields, encodeFields, encodeValue } from "./zcl.ts";

/** Attributes in one read: their answer fits one frame. */
const AT_ONCE = 8;

interface PortOptions {
  service: ZigbeeService;
  model: DeviceModel;
  /** Milliseconds that are left. */
  left: () => number;
  /** Somebody waits for it; otherwise it is what the hub wants to know. */
  isCommand?: boolean;
  /** Values that came as answers. */
  onValues(view: View, changes: readonly NativeChange[]): void;
  /** Attributes that the device has said it lacks. */
  onMissing?(view: View, cluster: number, ids: readonly number[]): void;
}

/** The tables' steps as requests to the device. */
export function createPort(options: PortOptions): NativePort<ZigbeeEndpoint> {
  const { service, model, left, isCommand = false, onValues, onMissing } = options;
  const { dpk } = service;
  const target = ({ native }: View, cluster: number, manufacturer?: number): ClusterAddress => ({
    address: model.address,
    endpoint: native.id,
    cluster,
    ...(manufacturer === undefined ? {} : { manufacturer }),
  });
  const ask = <T>(run: (within: number) => Promise<T>): Promise<T> =>
    service.ask(model.address, left(), run, { isCommand });

  async function readAndKeep(view: View, cluster: number, ids: readonly number[]): Promise<NativeChange[]> {
    const asked = model.moment();
    const records = await readAttributes(view, target(view, cluster), ids);
    const answers = changesOfRecords(cluster, records, model.values(view).get(rawClustersKey));
    // A report may follow the answer in the same breath, and is looked at before it.
    const changes = model.newest(view, answers, asked);
    onValues(view, changes);
    return changes;
  }

  async function readAttributes(view: View, to: ClusterAddress, ids: readonly number[]): Promise<AttributeRecord[]> {
    const records: AttributeRecord[] = [];
    for (let start = 0; start < ids.length; start += AT_ONCE) {
      const some = ids.slice(start, start + AT_ONCE);
      const result = await ask((within) => dpk.read(to, some, within));
      records.push(...result.records);
      if (result.missing.length > 0) onMissing?.(view, to.cluster, result.missing);
    }
    return records;
  }

  function keep(view: View, cluster: number, records: readonly AttributeRecord[]): void {
    onValues(view, changesOfRecords(cluster, records, model.values(view).get(rawClustersKey)));
  }

  async function readRaw(view: View): Promise<NativeChange[]> {
    const known = () => model.values(view).get(rawClustersKey) ?? [];
    for (const { cluster, ids } of rawAttributeIds(known())) {
      await readAndKeep(view, cluster, ids);
    }
    return [{ ref: rawClusters, value: known() }];
  }

  /** The signal state and the like: what a device tells as a command is asked for by the command that it answers. */
  async function readCommand(view: View, ref: NativeRef): Promise<NativeChange[]> {
    const { appliance } = clusters;
    if (ref["cluster"] !== appliance.id) return [];
    const value = await send(view, appliance.id, appliance.commands.signalState.id, {});
    const changes = [{ ref, value }];
    onValues(view, changes);
    return changes;
  }

  async function send(view: View, cluster: number, id: number, parameters: JsonObject): Promise<JsonObject> {
    const command = commandOf(cluster, id);
    if (!command) throw new ActionError("NotImplement", "no such command", 501);
    const payload = sized(() => encodeFields(command.fields, parameters));
    const request = { command: id, payload, ...(command.response ? { response: command.response.id } : {}) };
    const answer = await ask((within) => dpk.command(target(view, cluster), request, within));
    return command.response ? decodeFields(command.response.fields, answer) : {};
  }

  async function invokeRaw(view: View, action: NativeRef, parameters: JsonObject): Promise<JsonObject> {
    const { cluster, manufacturer } = rawRequest(view.native, parameters);
    const to = target(view, cluster, manufacturer);
    if (action === rawRead) {
      const records = await readAttributes(view, to, attributeIds(parameters));
      keep(view, cluster, records);
      return { attributes: records.map(rawAttribute) };
    }
    if (action === rawWrite) {
      for (const records of inFrames(rawRecords(parameters))) {
        await ask((within) => dpk.write(to, records, within));
        keep(view, cluster, records);
      }
      return {};
    }
    const request = { command: number(parameters, "command", 0xff), payload: bytes(parameters, "payload") };
    await ask((within) => dpk.command(to, { ...request, response: "none" }, within));
    return {};
  }

  return {
    values: model.values,
    async read(view, refs) {
      const changes: NativeChange[] = [];
      const byCluster = new Map<number, number[]>();
      for (const ref of refs) {
        const cluster = ref["cluster"] as number;
        if (refKey(ref) === rawClustersKey) {
          changes.push(...(await readRaw(view)));
        } else if ("received" in ref) changes.push(...(await readCommand(view, ref)));
        else if (view.native.inputs.has(cluster)) {
          byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), ref["attribute"] as number]);
        }
      }
      for (const [cluster, ids] of byCluster) {
        const wanted = ids.filter((id) => !view.native.missing.has(`${cluster}/${id}`));
        changes.push(...(await readAndKeep(view, cluster, wanted)));
      }
      return changes;
    },
    async write(view, writes) {
      const byCluster = new Map<number, AttributeRecord[]>();
      for (const { ref, value } of writes) {
        const cluster = ref["cluster"] as number;
        const id = ref["attribute"] as number;
        const type = attributeType(cluster, id) as number;
        const record = { id, type, data: sized(() => encodeValue(type, value)) };
        byCluster.set(cluster, [...(byCluster.get(cluster) ?? []), record]);
      }
      for (const [cluster, records] of byCluster) {
        await ask((within) => dpk.write(target(view, cluster), records, within));
      }
    },
    async invoke(view, ref, parameters) {
      for (const action of [rawRead, rawWrite, rawSend]) {
        if (refKey(ref) === refKey(action)) return await invokeRaw(view, action, parameters);
      }
      const fields = await send(view, ref["cluster"] as number, ref["command"] as number, parameters);
      if (fields["status"])
        throw new ActionError("Refused", `the device answered with status ${fields["status"]}`, 500);
      return fields;
    },
  };
}

/** What a type cannot hold is the caller's fault. */
function sized<T>(encode: () => T): T {
  try {
    return encode();
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) {
      throw new ActionError("InvalidParameters", "a value does not fit what the device takes", 400);
    }
    throw error;
  }
}

/** As many at once as a frame holds: id, type and value of each. */
function inFrames(records: readonly AttributeRecord[]): AttributeRecord[][] {
  const frames: AttributeRecord[][] = [];
  let room = 0;
  for (const record of records) {
    const size = 3 + record.data.length;
    if (size > room) {
      frames.push([]);
      room = MOST_BYTES;
    }
    frames.at(-1)?.push(record);
    room -= size;
  }
  return frames;
}

function rawRecords(parameters: JsonObject): AttributeRecord[] {
  const list = parameters["attributes"];
  if (!Array.isArray(list) || list.length === 0 || list.length > MOST_ATTRIBUTES) {
    throw new ActionError("InvalidParameters", `attributes is not a list of 1 to ${MOST_ATTRIBUTES}`, 400);
  }
  return list.map((one) => {
    const attribute = (typeof one === "object" && one !== null ? one : {}) as JsonObject;
    return {
      id: number(attribute, "id", 0xffff),
      type: number(attribute, "type", 0xff),
      data: bytes(attribute, "value"),
    };
  });
}
