// A connector without a vendor: devices that are made up, commands that succeed at once. What it costs is the platform's,
// the function host's and the SDK's.
import { type DiscoveredDevice, defineConnector } from "@hearth/connector-sdk";

const PAGES = 50;
const PAGE = 100;
/** Comes twice. */
const REPEATED = 30;
const ON_OFF = "matter.OnOff@1.4";

const page = (number: number): DiscoveredDevice[] =>
  Array.from({ length: PAGE }, (_, i) => ({
    id: `lamp-${number * PAGE + i}`,
    report: {
      endpoints: [
        {
          id: "1",
          deviceTypes: ["On/Off Light"],
          capabilities: [{ id: ON_OFF, properties: { OnOff: false }, actions: ["On", "Off"] }],
        },
      ],
    },
  }));

export const handler = defineConnector({
  activateUser: async () => ({ userId: "bench" }),
  async *discoverDevices() {
    for (let number = 0; number < PAGES; number++) {
      yield page(number);
      if (number === REPEATED) yield page(number);
    }
  },
  async sendCommand({ commands }) {
    return {
      endpoints: [{ id: "1", capabilities: [{ id: ON_OFF, properties: { OnOff: commands.at(-1)?.action === "On" } }] }],
    };
  },
  deactivateUser: async () => {},
});
