/** What the tables know of an endpoint. */
export interface ZigbeeEndpoint {
  readonly id: number;
  readonly deviceType: number;
  /** Server clusters. */
  readonly inputs: ReadonlySet<number>;
  readonly outputs: ReadonlySet<number>;
  /** Of an IAS zone (ZCL table 8-5). */
  readonly zoneType?: number | undefined;
  /** Attributes that the device has said it lacks: `<cluster>/<id>`. */
  readonly missing: ReadonlySet<string>;
}

export const hasCluster =
  (cluster: number) =>
  ({ inputs }: ZigbeeEndpoint): boolean =>
    inputs.has(cluster);

/** Zone types (ZCL table 8-5) that tables distinguish. */
export const zoneTypes = { contact: 0x0015, fire: 0x0028, carbonMonoxide: 0x002b } as const;
