import { createProgram } from "./cli/program.ts";
import type { PartTable } from "./processes/run.ts";

// One line a part, in the order of the alphabet. A part that is heavy is imported when its process starts it.
const PARTS: PartTable = {
  AceCustom: async () => (await import("./custom/custom-part.ts")).createCustomPart(),
  AceZigbee: async () => (await import("./zigbee/zigbee-part.ts")).createZigbeePart(),
  AceZwave: async () => (await import("./zwave/zwave-part.ts")).createZWavePart(),
  Agent: async () => (await import("./agent/agent-part.ts")).createAgentPart(),
  CDMB: async () => (await import("./cdmb/cdmb-part.ts")).createCdmbPart(),
  HubControl: async () => (await import("./hub-control/hub-control.ts")).createHubControlPart(),
  HubOnboarding: async () => (await import("./onboarding/onboarding.ts")).createHubOnboardingPart(),
  "LPW-Provisioner": async () => (await import("./provisioner/provisioner-part.ts")).createProvisionerPart(),
  Logger: async () => (await import("./logger/logger-part.ts")).createLoggerPart(),
  MQTTProxy: async () => (await import("./proxy/mqtt-proxy.ts")).createMqttProxyPart(),
};

await createProgram(PARTS).parseAsync();
