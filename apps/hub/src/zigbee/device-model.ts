import type { Json } from "@hearth/device-sdk";
import {
  describe,
  type EndpointView,
  type NativeChange,
  type NativeValues,
  refKey,
  statesOf,
  toModel,
  viewEndpoint,
} from "../cdmb/conversion.ts";
import type { CapabilityReport, StateEndpoint } from "../plugins/protocol-plugin.ts";
import type { ZigbeeEndpoint } from "./cdmb/endpoint.ts";
import { zigbeeTable } from "./cdmb/table.ts";
import type { StoredDevice } from "./device-store.ts";
import { deviceTypeName } from "./device-types.ts";
import { initialRawClusters, rawClustersKey } from "./frames.ts";

export type View = EndpointView<ZigbeeEndpoint>;

/** Home automation; endpoints of other profiles (green power 0xA1E0, touchlink 0xC05E) show nothing. */
const HOME_AUTOMATION = 0x0104;

/** `zb.` and the EUI-64. */
export const deviceIdOf = (address: string): string => `zb.${address.toUpperCase()}`;

/** A device seen through the tables, with the values that are known of it. */
export interface DeviceModel {
  readonly address: string;
  readonly deviceId: string;
  readonly views: ReadonlyMap<string, View>;
  readonly deviceTypes: string[];
  values(view: View): NativeValues;
  /** What the device tells by itself, before `arrive`: it counts more than the answer to what it was asked before. */
  told(view: View, changes: readonly NativeChange[]): void;
  /** This moment, for `newest`. */
  moment(): number;
  /** Answers to what was asked at `asked`; where the device has told by itself since, that in their place. */
  newest(view: View, answers: readonly NativeChange[], asked: number): NativeChange[];
  /** Remembers values that arrived, and what they mean for the model. */
  arrive(view: View, changes: readonly NativeChange[]): StateEndpoint["capabilities"];
  report(): CapabilityReport;
  state(): StateEndpoint[];
}

export function createDeviceModel({
  info,
  zoneTypes,
  missing,
  raw,
}: Pick<StoredDevice, "info" | "missing" | "raw" | "zoneTypes">): DeviceModel {
  const deviceId = deviceIdOf(info.address);
  const natives = info.endpoints
    .filter(({ profile }) => profile === HOME_AUTOMATION)
    .map(
      ({ id, deviceType, inputs, outputs }): ZigbeeEndpoint => ({
        id,
        deviceType,
        inputs: new Set(inputs),
        outputs: new Set(outputs),
        zoneType: zoneTypes[id],
        missing: new Set(missing.flatMap((path) => (path.startsWith(`${id}/`) ? [path.slice(`${id}/`.length)] : []))),
      }),
    );
  const views = new Map(natives.map((native) => [`${native.id}`, viewEndpoint(zigbeeTable, `${native.id}`, native)]));
  const values = new Map(
    natives.map((native) => [
      `${native.id}`,
      new Map<string, Json>([[rawClustersKey, initialRawClusters(native, raw)]]),
    ]),
  );
  const valuesOf = (view: View): Map<string, Json> => values.get(view.id) ?? new Map();
  const typesOf = ({ deviceType, zoneType }: ZigbeeEndpoint) => [deviceTypeName(deviceType, zoneType)];

  let reports = 0;
  /** By endpoint and native value, when the device last told it by itself. */
  const toldAt = new Map<string, number>();
  const pathOf = (view: View, { ref }: NativeChange): string => `${view.id} ${refKey(ref)}`;

  return {
    told(view, changes) {
      reports += 1;
      for (const change of changes) toldAt.set(pathOf(view, change), reports);
    },
    moment: () => reports,
    newest: (view, answers, asked) =>
      answers.map((answer) => {
        const value = valuesOf(view).get(refKey(answer.ref));
        return (toldAt.get(pathOf(view, answer)) ?? 0) > asked && value !== undefined ? { ...answer, value } : answer;
      }),
    address: info.address,
    deviceId,
    views,
    deviceTypes: [...new Set(natives.flatMap(typesOf))],
    values: valuesOf,
    arrive(view, changes) {
      const known = valuesOf(view);
      const capabilities = toModel(view, changes, known);
      for (const { ref, value } of changes) known.set(refKey(ref), value);
      return capabilities;
    },
    report: () =>
      describe(
        deviceId,
        [...views.values()].map((view) => ({ view, deviceTypes: typesOf(view.native) })),
      ),
    state: () => statesOf(views.values(), valuesOf),
  };
}
