/** Floors of docs/architecture.md: imports go to lower floors only, never sideways. */
const floors = [
  ["base"],
  ["contract", "mqtt", "policy", "data-model", "hub-ipc"],
  ["backplane", "device-sdk", "client"],
  ["stand-ins", "functions", "connector-sdk"],
  ["auth"],
  ["iot"],
  ["managed"],
  ["api", "broker"],
];

const path = (names) => `^packages/(${names.join("|")})/`;

const floorRules = floors.flatMap((names, floor) =>
  names.map((name) => ({
    name: `floor-${floor}-${name}`,
    comment: `${name} may import packages of floors below ${floor} only`,
    severity: "error",
    from: { path: `^packages/${name}/` },
    to: {
      path: path(
        floors
          .slice(floor)
          .flat()
          .filter((other) => other !== name)
          .concat("-"),
      ),
    },
  })),
);

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: "packages-below-apps",
      severity: "error",
      from: { path: "^packages/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(apps|examples|tests|bench|tools)/" },
    },
    {
      name: "examples-stand-alone",
      comment:
        "an example is what a maker would write: the device SDK, the connector SDK, the hub's IPC or the client, nothing else of ours",
      severity: "error",
      from: { path: "^examples/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(apps|tests|bench|tools|packages/(?!device-sdk/|data-model/|client/|connector-sdk/|hub-ipc/))" },
    },
    {
      name: "hub-stands-alone",
      comment: "a hub runs on a gateway: it knows the device SDK and its own IPC, and nothing of the cloud's rooms",
      severity: "error",
      from: { path: "^apps/hub/", pathNot: "\\.test\\.ts$|^apps/hub/src/matter/" },
      to: { path: "^(apps/(?!hub/)|packages/(?!base/|device-sdk/|hub-ipc/))" },
    },
    {
      name: "hub-matter-and-the-data-model",
      comment:
        "Matter's clusters are the data model's: the plug-in, a process of its own, takes names and ids from there",
      severity: "error",
      from: { path: "^apps/hub/src/matter/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(apps/(?!hub/)|packages/(?!base/|device-sdk/|data-model/))" },
    },
    {
      name: "simulator-knows-no-bridge",
      comment: "a simulator that shares the bridge's tables agrees with it about anything",
      severity: "error",
      from: { path: "^apps/simulator/" },
      to: { path: "^(apps/(?!simulator/)|packages/(?!base/))" },
    },
    {
      name: "nobody-imports-tests",
      severity: "error",
      from: { path: "^(packages|apps|examples)/", pathNot: "\\.test\\.ts$" },
      to: { path: "^tests/" },
    },
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "pure-rooms",
      comment: "contract, policy, mqtt and data-model run in a browser: no Node modules",
      severity: "error",
      from: { path: "^packages/(contract|policy|mqtt|data-model)/src/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-deep-imports",
      comment: "a package is entered by its index",
      severity: "error",
      from: { path: "^(packages|apps|examples|tests|bench|tools)/([^/]+)/" },
      to: { path: "^packages/([^/]+)/src/(?!index\\.ts$)", pathNot: "^packages/$2/" },
    },
    {
      name: "resolvable",
      severity: "error",
      from: { path: "^(packages|apps|examples)/" },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)generated/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default"] },
  },
};
