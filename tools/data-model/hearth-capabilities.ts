import type { LibraryCapability } from "./matter-library.ts";

/** A test vendor's id (Matter 1.4, 2.5.2): neither Matter's nor AWS's, and nobody's product. */
const VENDOR = "0xFFF1";

const number = (maximum: number) => ({ type: "integer", minimum: 0, maximum });
const hex = { type: "string", maxLength: 1024, pattern: "^([0-9A-Fa-f]{2})*$" };
const struct = (members: Record<string, object>, required: readonly string[]) => ({
  type: "object",
  properties: Object.fromEntries(
    Object.entries(members).map(([name, value], id) => [name, { extrinsicId: String(id), value }]),
  ),
  required,
  additionalProperties: false,
});
const list = (items: object, maxItems: number) => ({ type: "array", items, maxItems });
const parameters = (members: Record<string, object>) => ({
  parameters: Object.fromEntries(
    Object.entries(members).map(([name, value], id) => [name, { extrinsicId: String(id), value }]),
  ),
});

const id = number(0xffff);
const manufacturerCode = number(0xffff);
const attribute = struct({ id, type: number(0xff), value: hex }, ["id"]);
const command = { cluster: id, command: number(0xffff), payload: hex, manufacturerCode };

/** What goes beyond AWS's library and Matter's. */
export const hearthCapabilities: readonly LibraryCapability[] = [
  {
    $id: "/schema-versions/capability/hearth.RadioCluster@1.0",
    $ref: "/schema-versions/definition/aws.capability@1.0",
    name: "Radio Cluster",
    title: "Radio Cluster",
    description:
      "What a radio device has that no other capability stands for, Zigbee clusters by their ids or Z-Wave command classes. Values and payloads are bytes as the radio carries them, in hexadecimal.",
    version: "1.0",
    extrinsicId: `${VENDOR}0001`,
    extrinsicVersion: "1",
    properties: {
      Clusters: {
        extrinsicId: "0x0000",
        description: "Each cluster, and what is known of its attributes, where type is the data type of the protocol.",
        value: list(struct({ id, attributes: list(attribute, 256) }, ["id", "attributes"]), 64),
        ...{ retrievable: true, mutable: false, reportable: true },
      },
    },
    actions: [
      {
        name: "Read",
        extrinsicId: "0x00",
        request: parameters({ cluster: id, attributes: list(id, 32), manufacturerCode }),
        response: parameters({ attributes: list(attribute, 32) }),
      },
      {
        name: "Write",
        extrinsicId: "0x01",
        request: parameters({ cluster: id, attributes: list(attribute, 32), manufacturerCode }),
      },
      {
        name: "Send",
        extrinsicId: "0x02",
        request: parameters(command),
        response: parameters({ command: number(0xffff), payload: hex }),
      },
    ],
    events: [{ name: "Received", extrinsicId: "0x00", request: parameters(command) }],
  },
];
