const SEMVER = "^\\d{1,3}\\.\\d{1,3}(\\.\\d{1,4})?$";
const NAME = "^[A-Za-z][A-Za-z0-9./ -]*$";
const EXTRINSIC_ID = "^([0-9]{1,10}|0[xX][0-9a-fA-F]{1,8})$";

const identity = (name: string): string => `/schema-versions/definition/aws.${name}@1.0`;

/** What the documents of the schema language refer to by name (reference 5.1, 4.1, 5.5). */
export const awsDefinitions = [
  {
    $id: identity("capability"),
    name: "Capability",
    description: "What every capability document has in common.",
    type: "object",
    required: ["$id", "name", "extrinsicId", "extrinsicVersion"],
    properties: {
      $id: { type: "string" },
      $ref: { type: "string" },
      name: { type: "string", pattern: NAME, maxLength: 64 },
      title: { type: "string", maxLength: 256 },
      description: { type: "string", maxLength: 2048 },
      version: { type: "string", pattern: SEMVER },
      extrinsicId: { type: "string", pattern: EXTRINSIC_ID },
      extrinsicVersion: { type: "string", pattern: "^[0-9]{1,10}$" },
      properties: { type: "object", propertyNames: { pattern: "^[A-Za-z0-9]+$" } },
      actions: { type: "array", uniqueItems: true },
      events: { type: "array", uniqueItems: true },
      $defs: { type: "object" },
    },
  },
  {
    $id: identity("bitmap"),
    name: "Bitmap",
    description: "A set of named bits or groups of bits.",
    type: "object",
    additionalProperties: { type: "integer", minimum: 0 },
  },
  {
    $id: identity("enum"),
    name: "Enum",
    description: "One value of a list of names.",
    type: "string",
  },
  {
    $id: identity("name"),
    name: "Name",
    description: "The name of an action, an event or a property.",
    type: "string",
    minLength: 1,
    maxLength: 128,
    pattern: "^[/a-zA-Z0-9._ -]+$",
  },
  {
    $id: identity("TimerState"),
    $ref: identity("enum"),
    name: "TimerState",
    description: "What a timer is doing.",
    type: "string",
    enum: ["Idle", "Running", "Paused"],
    extrinsicIdMap: { Idle: "0", Running: "1", Paused: "2" },
  },
] as const;
